"""Bundles in a host's folder: made, found, mended, replaced under a host that plays, and taken away."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from lv2_host import Hosted

from assistant.plugins import PLUGINS, STRIP_MONO
from render.engine import RenderError
from render.plugins import build
from render.plugins.build import build_bundles, bundle_path, is_current
from render.plugins.install import install, installed, uninstall


@pytest.fixture
def folder(bundles: Path, tmp_path: Path) -> Path:
    """A host's folder with our bundles and one of somebody else's."""
    shutil.copytree(bundles, tmp_path / "lv2")
    (tmp_path / "lv2" / "other.lv2").mkdir()
    return tmp_path / "lv2"


def stamps(folder: Path) -> dict[Path, int]:
    return {p: p.stat().st_ino for p in folder.rglob("*") if p.is_file()}


def test_what_is_current_is_left_alone(folder: Path) -> None:
    before = stamps(folder)
    assert install(folder) == tuple(bundle_path(folder, p) for p in PLUGINS)
    assert stamps(folder) == before
    assert [(found.plugin, found.is_current) for found in installed(folder)] == [(p, True) for p in PLUGINS]


def test_every_bundle_is_whole_and_nothing_else_lies_in_it(folder: Path) -> None:
    for plugin in PLUGINS:
        names = {p.name for p in bundle_path(folder, plugin).iterdir()}
        assert names == {"manifest.ttl", f"{plugin.key}.ttl", f"{plugin.key}.so"}


@pytest.mark.parametrize("name", ["strip-mono.so", "strip-mono.ttl", "manifest.ttl"])
def test_what_is_missing_is_built_again(folder: Path, name: str) -> None:
    (bundle_path(folder, STRIP_MONO) / name).unlink()
    assert not is_current(STRIP_MONO, bundle_path(folder, STRIP_MONO))
    install(folder, [STRIP_MONO.key])
    assert is_current(STRIP_MONO, bundle_path(folder, STRIP_MONO))


def test_an_old_bundle_is_replaced_while_a_host_plays_it(folder: Path) -> None:
    bundle = bundle_path(folder, STRIP_MONO)
    manifest = bundle / "manifest.ttl"
    manifest.write_text(manifest.read_text().replace("# build ", "# build 0"))
    assert [found.is_current for found in installed(folder)] == [False, True, True]
    audio = np.random.default_rng(0).standard_normal((1, 4_800)).astype(np.float32)
    with Hosted(bundle, 48_000) as host:
        host.set({"peak1_gain_db": 6})
        before = host.run(audio)
        install(folder)
        host.reset()
        np.testing.assert_array_equal(host.run(audio), before)
    assert all(found.is_current for found in installed(folder))


def test_uninstalling_takes_only_our_own(folder: Path) -> None:
    assert len(uninstall(folder)) == len(PLUGINS)
    assert [p.name for p in folder.iterdir()] == ["other.lv2"]
    assert installed(folder) == ()
    assert uninstall(folder) == ()


def test_a_bundle_changes_with_its_sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = [build.expected_build(p) for p in PLUGINS]
    assert len(set(before)) == len(PLUGINS)
    wrapper = tmp_path / "wrapper.cpp"
    wrapper.write_text("// another")
    monkeypatch.setattr(build, "_WRAPPER", wrapper)
    assert not set(before) & {build.expected_build(p) for p in PLUGINS}


def test_without_a_compiler_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match=r"g\+\+, which is missing.*apt install g\+\+"):
        build_bundles(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not shutil.which("g++"), reason="g++ is not installed")
def test_what_the_compiler_objects_to_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "wrapper.cpp"
    broken.write_text("int f() { return nowhere; }")
    monkeypatch.setattr(build, "_WRAPPER", broken)
    with pytest.raises(RenderError, match=r"(?s)strip \(mono\): the C\+\+ compiler failed: .*nowhere"):
        build_bundles(tmp_path / "lv2", ["strip-mono"])
    assert not (tmp_path / "lv2").exists()


def test_unknown_keys_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="key='strip': expected one of strip-mono, strip-stereo, reverb"):
        build_bundles(tmp_path, ["strip"])
