"""The vector index: the only file that imports faiss.

Exact inner-product search over unit vectors kept in half precision (the bundled model computes them
with eight bits of mantissa, half precision keeps ten). FAISS pads short results with id -1, returns
ties in no useful order and meets a wrong dimension with an empty AssertionError: none of it leaves
this file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kb.errors import DamagedSnapshot, VectorError

METRIC = "inner_product"


class VectorIndex:
    def __init__(self, index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: np.ndarray) -> VectorIndex:
        """`vectors` (n, dimension) float16 or float32, unit length. Row numbers become the ids."""
        import faiss

        if vectors.ndim != 2 or not vectors.shape[1]:
            raise VectorError(f"Found vectors of shape {vectors.shape}, expected (n, dimension).")
        if not np.isfinite(vectors).all():
            raise VectorError("Found vectors with values that are not finite: the embedder returned rubbish.")
        index = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        # Its codes are the vectors in half precision, row by row: there is no need to widen and narrow them again.
        halves = np.ascontiguousarray(vectors, dtype="<f2")
        faiss.copy_array_to_vector(halves.view(np.uint8).ravel(), index.codes)
        index.ntotal = len(vectors)
        return cls(index)

    @classmethod
    def read(cls, file: Path, dimension: int, count: int) -> VectorIndex:
        import faiss

        try:
            index = faiss.read_index(str(file))
        except RuntimeError as error:
            raise DamagedSnapshot(
                f"{file.name} cannot be read as a FAISS index. Go back with `kb rollback` or rebuild with "
                "`kb ingest --full`."
            ) from error
        if (index.d, index.ntotal, index.metric_type) != (dimension, count, faiss.METRIC_INNER_PRODUCT):
            raise DamagedSnapshot(
                f"{file.name} holds {index.ntotal} vectors of dimension {index.d}; the manifest says {count} of "
                f"{dimension}, by inner product. Go back with `kb rollback` or rebuild with `kb ingest --full`."
            )
        return cls(index)

    def write(self, file: Path) -> None:
        import faiss

        file.write_bytes(faiss.serialize_index(self._index).data)  # not by FAISS: a full disk is an OSError then

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        return int(self._index.d)

    def search(self, vector: np.ndarray, top: int, allowed: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Ids (int64) and similarities (float32) of the `top` nearest, best first, ties by id.

        `allowed` is a boolean mask over the ids; None allows all. Ties at the cut may be cut either way.
        """
        import faiss

        self._check(vector)
        top = min(top, len(self))
        if top < 1 or (allowed is not None and not allowed.any()):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        params = None
        if allowed is not None and not allowed.all():
            bits = np.packbits(allowed, bitorder="little")
            params = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))  # type: ignore[call-arg, arg-type]
        similarities, ids = self._index.search(np.ascontiguousarray(vector, dtype=np.float32)[None], top, params=params)
        found = ids[0] >= 0
        ids, similarities = ids[0][found], similarities[0][found]
        order = np.lexsort((ids, -similarities))
        return ids[order], similarities[order]

    def similarities(self, vector: np.ndarray, ids: np.ndarray) -> np.ndarray:
        """Similarity of `vector` with each of `ids`, (len(ids),) float32."""
        self._check(vector)
        if not len(ids):
            return np.empty(0, np.float32)
        return self.vectors(ids) @ vector.astype(np.float32)

    def vectors(self, ids: np.ndarray) -> np.ndarray:
        """(len(ids), dimension) float32."""
        return self._index.reconstruct_batch(np.ascontiguousarray(ids, dtype=np.int64))

    def halves(self, ids: slice) -> np.ndarray:
        """(n, dimension) float16, as they are stored."""
        import faiss

        if not len(self):
            return np.empty((0, self.dimension), np.float16)
        size = len(self) * self._index.code_size
        return faiss.rev_swig_ptr(self._index.codes.data(), size).view("<f2").reshape(len(self), -1)[ids].copy()

    def _check(self, vector: np.ndarray) -> None:
        if vector.shape != (self.dimension,):
            raise VectorError(
                f"The index holds vectors of dimension {self.dimension}; the question's vector has shape "
                f"{vector.shape}. Rebuild with the embedder in use: `kb ingest --full`."
            )
