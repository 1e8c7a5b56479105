"""One formula a file; each takes case results and gives numbers."""
