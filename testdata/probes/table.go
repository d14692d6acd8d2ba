// SPDX-License-Identifier: Apache-2.0

package probes

import "slices"

// Table is every operation of the program; a file here and one in c/ of the same
// name belong together.
var Table = slices.Concat(
	openOperations,
	nameOperations,
	attributeOperations,
	lookOperations,
	askOperations,
	contentOperations,
	placeOperations,
	kernelFileOperations,
	deviceOperations,
	executeOperations,
	socketOperations,
	addressOperations,
	localSocketOperations,
	memoryOperations,
	namespaceOperations,
	processOperations,
	schedulingOperations,
	identityOperations,
	keyOperations,
	clockOperations,
	administrationOperations,
	basicOperations,
	otherOwnerOperations,
	ringOperations,
	foreignOperations,
)
