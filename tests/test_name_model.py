"""The network's file: missing, altered or not what it says."""

from __future__ import annotations

import zipfile
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from ballot.errors import ModelError
from recognition.names.cut_model import TUNED, tune_model
from recognition.names.network import NameNetwork
from recognition.names.struck import HEAD, SHAPES, STRUCK, add_head
from station.name_model import SOURCE_MEMBER, install_name_model, load_name_model, model_file


def test_installed_network_is_the_expected_one_and_starts() -> None:
    assert NameNetwork(load_name_model())


def test_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read") as error:
        load_name_model(tmp_path / "names.onnx")
    assert "make install" in str(error.value)


def test_one_altered_byte_is_noticed(tmp_path: Path) -> None:
    altered = bytearray(model_file().read_bytes())
    altered[len(altered) // 2] ^= 1
    file = tmp_path / "names.onnx"
    file.write_bytes(altered)
    with pytest.raises(ModelError, match="altered"):
        load_name_model(file)


def test_wheel_without_the_network_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "rapidocr.whl"
    wheel.write_bytes(b"not a wheel")
    with pytest.raises(ModelError, match="holds no"):
        install_name_model(wheel, tmp_path / "names.onnx")
    with zipfile.ZipFile(wheel, "w") as package:
        package.writestr("README", "nothing")
    with pytest.raises(ModelError, match="holds no"):
        install_name_model(wheel, tmp_path / "names.onnx")
    with zipfile.ZipFile(wheel, "w") as package:
        package.writestr(SOURCE_MEMBER, b"another network")
    with pytest.raises(ModelError, match=r"not the network of rapidocr 3\.10\.0"):
        install_name_model(wheel, tmp_path / "names.onnx")
    assert not (tmp_path / "names.onnx").exists()


def test_weights_of_another_network_are_refused() -> None:
    archive = BytesIO()
    np.savez(archive, **{"linear_99.w_0": np.zeros((2, 2), np.float16)})
    with pytest.raises(ValueError, match=r"no weights linear_99\.w_0"):
        tune_model(model_file().read_bytes(), archive.getvalue())


def test_installed_network_has_the_trained_weights() -> None:
    tuned = files("recognition.names").joinpath(TUNED).read_bytes()
    installed = load_name_model()
    assert tune_model(installed, tuned) == installed


def test_installed_network_has_the_trained_head() -> None:
    network = onnx.load_from_string(load_name_model())
    installed = {t.name: numpy_helper.to_array(t) for t in network.graph.initializer}
    with np.load(BytesIO(files("recognition.names").joinpath(HEAD).read_bytes())) as archive:
        assert {name: archive[name].shape for name in archive.files} == SHAPES
        for name in SHAPES:
            np.testing.assert_array_equal(installed[f"{STRUCK}_{name}"].ravel(), archive[name].ravel())


@pytest.mark.parametrize("other", [{"inner": (48, 768, 3)}, {"outer": (48,)}, {"third": (1,)}])
def test_head_of_another_size_is_refused(other: dict[str, tuple[int, ...]]) -> None:
    archive = BytesIO()
    np.savez(archive, **{name: np.zeros(shape, np.float16) for name, shape in {**SHAPES, **other}.items()})
    with pytest.raises(ValueError, match="head's weights"):
        add_head(model_file().read_bytes(), archive.getvalue())
