"""The taught layers as the file that ships, and back.

The file is the wheel's own tensors for the upper layers, in the order of their names: matrices in 4-bit blocks, biases
and norms as float32; what they are is in the manifest beside it, with what tells how much a question asks for a token.
`kb.bundled` puts them in the place of the plain ones.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from torch.nn.utils import parametrize

from kb import bundled
from training.encoder import Encoder


def export(encoder: Encoder, folder: Path, about: dict[str, Any]) -> dict[str, Any]:
    """Writes `layers.bin` and `manifest.json`; returns the manifest. `about`: what else it says."""
    names = bundled.tensor_names(range(encoder.split, encoder.split + len(encoder.upper)))
    tensors, data = [], bytearray()
    for ours, theirs in sorted(names.items()):
        layer, _, rest = theirs.removeprefix("encoder.layer.").partition(".")
        owner, _, attribute = rest.rpartition(".")
        module = encoder.upper[int(layer) - encoder.split].get_submodule(owner)
        if attribute == "weight" and parametrize.is_parametrized(module):
            learnt = module.parametrizations.weight
            packed = learnt[0].pack(learnt.original)
        else:
            packed = getattr(module, attribute).detach().float().numpy().astype("<f4").tobytes()
        tensors.append({"name": ours, "bytes": len(packed)})
        data += packed
    manifest = {
        "base": bundled.wheel(),
        "licence": "Apache-2.0; the base model is MIT",
        "script": script(),
        "first_layer": encoder.split,
        "sha256": hashlib.sha256(data).hexdigest(),
        "tensors": tensors,
        "importance": {
            "weight": [round(v, 6) for v in encoder.head.weigh.weight.detach()[0].tolist()],
            "bias": round(float(encoder.head.weigh.bias.detach()), 6),
        },
        **about,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "layers.bin").write_bytes(data)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return manifest


def script() -> str:
    """Which version of this room made a file: the hash of its code."""
    code = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        code.update(file.read_bytes())
    return code.hexdigest()[:16]
