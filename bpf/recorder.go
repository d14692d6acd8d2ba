// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/features"
	"github.com/cilium/ebpf/ringbuf"
	"github.com/cilium/ebpf/rlimit"
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

// ErrUnsupported is wrapped by errors that tell that this kernel or this privilege
// cannot do it.
var ErrUnsupported = errors.New("recording is not possible here")

// Options says how to record; its zero value is the default.
type Options struct {
	// RingSize is the room for events in bytes, a power of two and a multiple of
	// the page size. 0 is 16 MiB.
	RingSize int
	// Launches is set when this process starts the command to record, where systemd
	// does it for a unit: what it does in the cgroup before the exec is of the setup
	// phase.
	Launches bool
}

const defaultRingSize = 16 << 20

// Recorder is the kernel side of a recording.
type Recorder struct {
	maps     *ebpf.Collection // the required programs and all maps
	second   *ebpf.Collection // the required programs once more, or nil
	optional []*ebpf.Collection
	// counted has all collections, those together whose programs stand in for each other
	// when the kernel leaves one out.
	counted [][]*ebpf.Collection
	links   []io.Closer
	entries *entries
	sources []trace.Source
	ring    *ringbuf.Reader
	cgroups cgroupMount
	found   []*Event // the services of slices that were there at the start
	// undecodable counts the records of the ring that are no events.
	undecodable atomic.Uint64
}

// Open loads the programs into the kernel; it attaches none of them. Its errors
// wrap ErrUnsupported when this kernel (Linux ≥ 5.15 with BTF is needed) or a lack
// of privilege is the reason.
func Open(o Options) (*Recorder, error) { return open(o) }

// open is Open with changes to what is loaded.
func open(o Options, changes ...func(*ebpf.CollectionSpec)) (*Recorder, error) {
	mount, err := findCgroups()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat("/sys/kernel/btf/vmlinux"); err != nil {
		return nil, fmt.Errorf("%w: the kernel has no type information (BTF); it needs Linux 5.15 or newer with CONFIG_DEBUG_INFO_BTF=y: %w", ErrUnsupported, err)
	}
	// It matters before Linux 5.11 only, where loading tells.
	_ = rlimit.RemoveMemlock()
	spec, err := newSpec(o)
	if err != nil {
		return nil, err
	}
	for _, change := range changes {
		change(spec)
	}
	r := &Recorder{cgroups: mount}
	r.entries = &entries{r: r, settle: defaultSettle}
	if err := r.load(spec); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// newSpec is the programs and maps with what is known before they are loaded.
func newSpec(o Options) (*ebpf.CollectionSpec, error) {
	spec, err := loadSbx()
	if err != nil {
		return nil, fmt.Errorf("reading the recorder's programs: %w", err)
	}
	table, err := specsOf(machine())
	if err != nil {
		return nil, err
	}
	if err := spec.Variables[sbxVarSpecs].Set(table); err != nil {
		return nil, fmt.Errorf("telling the programs about system calls: %w", err)
	}
	if err := tellUringCalls(spec, machine()); err != nil {
		return nil, err
	}
	if o.RingSize == 0 {
		o.RingSize = defaultRingSize
	}
	spec.Maps[sbxMapEvents].MaxEntries = uint32(o.RingSize)
	if preemptible() {
		if err := spec.Variables[sbxVarTurns].Set(uint32(2)); err != nil {
			return nil, fmt.Errorf("telling the programs their turns: %w", err)
		}
	}
	if !o.Launches {
		return spec, nil
	}
	return spec, spec.Variables[sbxVarLaunches].Set(uint32(1))
}

// load loads the required programs together, and each optional one by itself with
// the maps of the required ones.
func (r *Recorder) load(spec *ebpf.CollectionSpec) error {
	cache := btf.NewCache()
	var turns uint32
	if err := spec.Variables[sbxVarTurns].Get(&turns); err != nil {
		return fmt.Errorf("reading the programs' turns: %w", err)
	}
	base, err := ebpf.NewCollectionWithOptions(keep(spec, required...), ebpf.CollectionOptions{Cache: cache})
	if err != nil {
		return explainLoad(err)
	}
	r.maps = base
	inTurn := []*ebpf.Collection{base}
	if turns > 1 {
		if r.second, err = again(keep(spec, attachable()...), base.Maps, cache); err != nil {
			return explainLoad(err)
		}
		inTurn = append(inTurn, r.second)
	}
	r.counted = append(r.counted, inTurn)
	for _, group := range optionalSources {
		r.sources = append(r.sources, group.choose(func(p program) error { return r.loadOptional(spec, p, cache) }))
	}
	ring, err := ringbuf.NewReader(base.Maps[sbxMapEvents])
	if err != nil {
		return fmt.Errorf("reading the recorder's events: %w", err)
	}
	r.ring = ring
	return r.learnSelf()
}

// loadOptional loads and attaches an optional program and those beside it, or none.
func (r *Recorder) loadOptional(spec *ebpf.CollectionSpec, p program, cache *btf.Cache) error {
	optional, counted, links := len(r.optional), len(r.counted), len(r.links)
	err := r.loadOne(spec, p, cache)
	for _, b := range p.beside {
		if err != nil {
			break
		}
		if err = r.loadOne(spec, b, cache); err != nil {
			err = fmt.Errorf("%s: %w", b.via, err)
		}
	}
	if err == nil {
		return nil
	}
	err = errors.Join(err, closeAll(r.links[links:]))
	for _, c := range r.optional[optional:] {
		c.Close()
	}
	r.optional, r.counted, r.links = r.optional[:optional], r.counted[:counted], r.links[:links]
	return err
}

// loadOne loads and attaches one of them, once or twice like the required ones.
func (r *Recorder) loadOne(spec *ebpf.CollectionSpec, p program, cache *btf.Cache) error {
	spec = keep(spec, p)
	if p.function != "" {
		spec.Programs[p.name].AttachTo = p.function
	}
	turns := len(r.optional)
	c, err := ebpf.NewCollectionWithOptions(spec, ebpf.CollectionOptions{MapReplacements: r.maps.Maps, Cache: cache})
	if err != nil {
		return err
	}
	if err := r.attachOptional(c, p, 0); err != nil {
		return err
	}
	if r.second != nil {
		if c, err = again(spec, r.maps.Maps, cache); err != nil {
			return err
		}
		if err := r.attachOptional(c, p, 1); err != nil {
			return err
		}
	}
	r.counted = append(r.counted, r.optional[turns:])
	return nil
}

// attachOptional attaches a program of a collection that has no other, or puts it where
// those beside it call it in that turn.
func (r *Recorder) attachOptional(c *ebpf.Collection, p program, turn uint32) error {
	var l []io.Closer
	var err error
	if p.attach == nil {
		err = r.maps.Maps[sbxMapUringTell].Put(turn, c.Programs[p.name])
	} else {
		l, err = p.attach(c.Programs[p.name])
	}
	if err != nil {
		c.Close()
		return err
	}
	r.optional = append(r.optional, c)
	r.links = append(r.links, l...)
	return nil
}

// keep is a copy of the spec with these programs only.
func keep(spec *ebpf.CollectionSpec, programs ...program) *ebpf.CollectionSpec {
	s := spec.Copy()
	names := map[string]bool{}
	for _, p := range programs {
		names[p.name] = true
	}
	for name := range s.Programs {
		if !names[name] {
			delete(s.Programs, name)
		}
	}
	return s
}

// explainLoad says what the required programs' failure means.
func explainLoad(err error) error {
	switch {
	case os.Geteuid() != 0: // which map or program is refused first, and how, differs
		return fmt.Errorf("%w: recording needs root (CAP_BPF, CAP_PERFMON and CAP_SYS_RESOURCE in the initial user namespace): %w", ErrUnsupported, err)
	case errors.Is(err, unix.EPERM):
		return fmt.Errorf("%w: the kernel refuses BPF programs even to root (in a container, or kernel lockdown): %w", ErrUnsupported, err)
	}
	if errors.Is(features.HaveMapType(ebpf.TaskStorage), ebpf.ErrNotSupported) {
		return fmt.Errorf("%w: the kernel has no BPF task storage, which came with Linux 5.11; Linux 5.15 or newer is needed: %w", ErrUnsupported, err)
	}
	return fmt.Errorf("%w: the kernel does not take the recorder's programs (Linux 5.15 or newer is needed): %w", ErrUnsupported, err)
}

// learnSelf has the kernel side learn this process's PID namespace and executable.
func (r *Recorder) learnSelf() error {
	self := r.maps.Programs[sbxProgSbxSelf]
	if _, err := self.Run(&ebpf.RunOptions{Context: [1]uint64{}}); err != nil {
		return fmt.Errorf("%w: asking the kernel about this process: %w", ErrUnsupported, err)
	}
	return nil
}

// Sources returns what can be seen and what cannot.
func (r *Recorder) Sources() []trace.Source { return r.sources }

// Stop detaches everything. What was gathered stays until Close.
func (r *Recorder) Stop() error {
	err := closeAll(r.links)
	r.links = nil
	// Last: a call that was not seen to be entered counts as answered by a filter.
	return errors.Join(err, r.entries.close())
}

func closeAll(links []io.Closer) error {
	var errs []error
	for _, l := range links {
		errs = append(errs, l.Close())
	}
	return errors.Join(errs...)
}

// Close detaches everything and frees it; nothing stays in the kernel.
func (r *Recorder) Close() error {
	err := r.Stop()
	if r.ring != nil {
		err = errors.Join(err, r.ring.Close())
	}
	for _, c := range r.optional {
		c.Close()
	}
	if r.second != nil {
		r.second.Close()
	}
	if r.maps != nil {
		r.maps.Close()
	}
	return err
}

// machine is what uname -m prints.
func machine() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return ""
	}
	return unix.ByteSliceToString(u.Machine[:])
}
