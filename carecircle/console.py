"""Manners of the command line: where words go, in which language, with which exit code.

Data goes to stdout, everything else to stderr, so that results can be piped.
"""

from __future__ import annotations

import json
import locale
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import typer
from rich.console import Console

from carecircle.layers.problems import Language, StudyError
from carecircle.steps import STEP_NAMES

EXIT_UNEXPECTED = 1
EXIT_INVALID_INPUT = 3
EXIT_NOT_PROVEN = 4
# more is asked for than can be reached or seated; conditions contradict each other; none was found
NO_PLAN = tuple(
    f"E-SITE-{number}" for number in ("004", "005", "008", "009", "011", "041", "063", "064")
)
EXIT_TARGETS_MISSED = 5
EXIT_INTERRUPTED = 130


@dataclass(frozen=True)
class Voice:
    """How this run speaks."""

    lang: Language
    quiet: bool
    as_json: bool
    debug: bool

    @property
    def stderr(self) -> Console:
        """Where progress and complaints go."""
        return Console(stderr=True, highlight=False, soft_wrap=True)

    def step(self, name: str) -> None:
        """Tell which step begins."""
        if not self.quiet:
            self.stderr.print(f"· {STEP_NAMES[name][self.lang]}", style="dim", markup=False)

    def say(self, text: str) -> None:
        """A line of the result, for people; nothing when JSON was asked for."""
        if not self.as_json:
            encoding = sys.stdout.encoding or "ascii"
            print(text.encode(encoding, "replace").decode(encoding))

    def data(self, value: Mapping[str, Any]) -> None:
        """The result for programs, when JSON was asked for."""
        if self.as_json:
            print(json.dumps(value, ensure_ascii=not speaks_unicode(), allow_nan=False, indent=1))

    def notice(self, text: str) -> None:
        """Something to know that is no result."""
        if not self.quiet:
            self.stderr.print(text, markup=False)

    def pick(self, zh: str, en: str) -> str:
        """The sentence in the language of this run."""
        return zh if self.lang == "zh" else en

    @contextmanager
    def one_clear_ending(self) -> Iterator[None]:
        """Turn a refused input into its messages and exit code, without a traceback."""
        try:
            yield
        except StudyError as error:
            if self.debug:
                raise
            for problem in error.problems:
                self.stderr.print(problem.text(self.lang), style="red", markup=False)
            raise typer.Exit(exit_code(error)) from error
        except KeyboardInterrupt as error:
            self.stderr.print(
                self.pick("已中断，未写入任何结果", "interrupted; nothing was written")
            )
            raise typer.Exit(EXIT_INTERRUPTED) from error
        except (typer.Exit, typer.Abort):
            raise
        except BrokenPipeError as error:  # whoever was reading has read enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit from error
        except Exception as error:
            if self.debug:
                raise
            self.stderr.print(
                self.pick(
                    f"程序出错：{type(error).__name__}: {error}。请加 --debug 重试并反馈完整信息。",
                    f"unexpected error: {type(error).__name__}: {error}. "
                    "Run again with --debug and report what it prints.",
                ),
                style="red",
                markup=False,
            )
            raise typer.Exit(EXIT_UNEXPECTED) from error


def exit_code(error: StudyError) -> int:
    """That of a faulty input, or of a sound question that no plan can answer."""
    no_plan = all(problem.id in NO_PLAN for problem in error.problems)
    return EXIT_NOT_PROVEN if no_plan else EXIT_INVALID_INPUT


def speaks_unicode() -> bool:
    """Whether stdout can carry every character; a Windows console piped to a file cannot."""
    return (sys.stdout.encoding or "").lower().replace("-", "") in ("utf8", "utf16", "utf32")


def language(chosen: str | None) -> Language:
    """The language asked for, else that of the computer."""
    if chosen in ("zh", "en"):
        return "zh" if chosen == "zh" else "en"
    said = next((os.environ[v] for v in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(v)), "")
    if not said and sys.platform == "win32":
        said = locale.getlocale()[0] or ""
    return "zh" if said.lower().startswith(("zh", "chinese")) else "en"
