"""What every test of `logmon-tui rules` needs."""

from pathlib import Path

import pytest

from tests.cli.rules.story import RULES, line


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Twelve minutes: /api fails in every other second of two, then a client is noisy for one."""
    lines = []
    for second in range(720):
        lines.append(line(second, f"10.0.0.{second % 50}", "/home", 200))
        if 300 <= second < 420:
            lines.append(
                line(second, f"10.0.0.{second % 50}", "/api/a", 500 if second % 2 else 200)
            )
        if 600 <= second < 660:
            lines += [line(second, "10.9.9.9", "/home", 200)] * 5
    path = tmp_path / "access.log"
    path.write_text("".join(lines))
    return path


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(RULES)
    return path
