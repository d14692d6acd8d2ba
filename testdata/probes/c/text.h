/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The little there is to do with strings. */
#ifndef PROBE_TEXT_H
#define PROBE_TEXT_H

/* Copies text to `to` and returns the address of the NUL there. */
static inline char *append(char *to, const char *text)
{
	while (*text)
		*to++ = *text++;
	*to = 0;
	return to;
}

static inline long length(const char *text)
{
	long n = 0;

	while (text[n])
		n++;
	return n;
}

static inline int same(const char *a, const char *b)
{
	for (; *a && *a == *b; a++)
		b++;
	return *a == *b;
}

/* What follows the prefix, or 0 if text does not begin with it. */
static inline const char *after(const char *text, const char *prefix)
{
	for (; *prefix; prefix++)
		if (*text++ != *prefix)
			return 0;
	return text;
}

static inline long number(const char *digits)
{
	long n = 0;

	for (; *digits >= '0' && *digits <= '9'; digits++)
		n = n * 10 + *digits - '0';
	return n;
}

#endif
