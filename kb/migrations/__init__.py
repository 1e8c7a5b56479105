"""The steps by which the database of `kb.state` came to its present shape."""
