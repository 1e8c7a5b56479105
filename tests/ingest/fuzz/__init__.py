"""Damaged files against the readers: whatever comes in, an Extract or an IngestError comes out."""
