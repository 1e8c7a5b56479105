"""One formula a file. Each reads case results as columns, with a weight a case, so that one formula gives the value
and, under resampled weights, its interval."""
