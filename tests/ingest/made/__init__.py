"""Files made for the tests: every one is built from a text whose clauses are known."""
