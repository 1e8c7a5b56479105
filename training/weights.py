"""The taught layers as the file that ships.

The file holds the upper layers' tensors in half precision, under the names that the wheel has for them; what they are is
in the manifest beside it, with what tells how much a question asks for a token. `kb.bundled` puts them in the place of
the plain ones.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from kb import bundled
from training.command import say
from training.encoder import Encoder


def export(encoder: Encoder, folder: Path, about: dict[str, Any]) -> dict[str, Any]:
    """Writes the layers and `manifest.json`; returns the manifest. `about`: what else it says."""
    from safetensors.numpy import save

    layers = range(encoder.split, encoder.split + len(encoder.upper))
    learnt = {
        f"encoder.layer.{n}.{name}": p
        for n, layer in zip(layers, encoder.upper, strict=True)
        for name, p in layer.named_parameters()
    }
    names = bundled.tensor_names(layers)
    data = save({ours: learnt[theirs].detach().numpy().astype(np.float16) for ours, theirs in names.items()})
    manifest = {
        "base": bundled.wheel(),
        "licence": "Apache-2.0; the base model is MIT",
        "script": script(),
        "first_layer": encoder.split,
        "sha256": hashlib.sha256(data).hexdigest(),
        "importance": {
            "weight": [round(v, 6) for v in encoder.head.weigh.weight.detach()[0].tolist()],
            "bias": round(float(encoder.head.weigh.bias.detach()), 6),
        },
        **about,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / bundled.LAYERS).write_bytes(data)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return manifest


def export_beside(model: torch.nn.Module, encoder: Path, folder: Path, name: str, about: Mapping[str, Any]) -> None:
    """Writes `name`.safetensors, which learnt to read the vectors of the layers in `encoder`, beside the layers in
    `folder`, and what it is into their manifest."""
    from safetensors.numpy import save

    identity = bundled.digest(encoder)
    if bundled.digest(folder) != identity:
        sys.exit(f"{folder} holds other layers than {encoder}, whose vectors the {name} learnt to read.")
    data = save({key: value.numpy().astype(np.float16) for key, value in model.state_dict().items()})
    file = folder / bundled.beside(name)
    file.write_bytes(data)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest[name] = {"sha256": hashlib.sha256(data).hexdigest(), "encoder": identity, "script": script(), **about}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    say(f"wrote {file}")


def script() -> str:
    """Which version of this room made a file: the hash of its code."""
    code = hashlib.sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        code.update(file.read_bytes())
    return code.hexdigest()[:16]
