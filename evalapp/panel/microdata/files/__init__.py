"""The files of a release: data for other programs, codebook, read-me and risk report, in one archive."""
