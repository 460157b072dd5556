"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Lang = Annotated[
    Literal["zh", "en"] | None,
    typer.Option("--lang", help="Language; default: the computer's. 语言"),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress. 不显示进度")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the figures as JSON. 以 JSON 输出")]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks. 显示错误细节")]
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder for the results. 结果文件夹")]
StudyPath = Annotated[Path, typer.Argument(metavar="STUDY.TOML", help="The study file. 研究文件")]
Force = Annotated[
    bool, typer.Option("--force", help="Write even where the folder holds other files. 强制写入")
]
