"""Files of set-ups: what is read, and what is refused with file, row and column."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.cli.setup_file import filled, read_file
from analysis.inputs.errors import DataError


@pytest.fixture
def written(tmp_path: Path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "setups.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_columns_are_called_as_in_the_package_or_as_options(written) -> None:
    file = written(
        "name,--params-active,GPU,gpus,batch,output tokens,tariff\na,8,H100,1,64,,0.1 USD/kWh\nb,70,,,,0,\n"
    )
    frame = read_file(file)
    assert frame.columns.tolist() == [
        "name",
        "params_active_b",
        "gpu_model",
        "gpu_count",
        "batch",
        "output_tokens",
        "tariff",
    ]
    assert frame.index.tolist() == [2, 3], "as rows of the file are counted"
    assert frame["name"].tolist() == ["a", "b"]
    assert frame["params_active_b"].tolist() == [8.0, 70.0]
    assert frame["gpu_model"].tolist()[0] == "H100"
    assert frame[["gpu_model", "gpu_count", "batch", "tariff"]].iloc[1].isna().all()
    assert frame.loc[3, "output_tokens"] == 0
    assert frame.loc[2, "tariff"] == 0.1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "setups.csv: it has no header"),
        ("\n\n", "setups.csv: it has no header"),
        ("model,batch\n", "setups.csv: it holds no set-up below its header"),
        ("model,batch\n,\n", "setups.csv: it holds no set-up below its header"),
        ("model,batch\na\n", "setups.csv, row 2: 1 cells where the header has 2"),
        ("model,batch\na,1\nb,2,3\n", "setups.csv, row 3: 3 cells where the header has 2"),
        (
            "model,batch\na,1\nb,x\n",
            'setups.csv, row 3, column batch: "x" is no number; write a number as in 64 or 1.5',
        ),
        (
            "model,batch\na,1\n\nb,0.5\n",
            "setups.csv, row 4, column batch: 0.5 is below the least; write 1 or more",
        ),
        (
            "--params-active\n8\n70b\n",
            'row 3, column --params-active: "70b" is no number; in billions, write 70',
        ),
        (
            "model,tariff\na,8 ct\n",
            "setups.csv, row 2, column tariff: '8 ct': unit 'ct' is not one of USD/kWh",
        ),
        ("model,batchs\na,1\n", "setups.csv: column 'batchs' is not known; did you mean batch?"),
        ("model,batch,batch\na,1,2\n", "setups.csv: column 'batch' is there more than once"),
        ("model,gpu,gpu_model\na,1,2\n", "setups.csv: column 'gpu_model' is there more than once"),
        (b"\xff\xfe\x00", "setups.csv: not UTF-8 text"),
        ('model\n"a\n', "setups.csv: not readable as CSV"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_by_its_name(written, text: str | bytes, message: str) -> None:
    with pytest.raises(DataError) as refused:
        read_file(written(text))
    assert message in str(refused.value)
    assert len(str(refused.value)) <= 500


def test_a_file_that_a_spreadsheet_wrote_is_read(written) -> None:
    frame = read_file(written(b'\xef\xbb\xbfmodel,batch\r\n"a, b",4\r\n'))
    assert frame.to_dict("records") == [{"model": "a, b", "batch": 4.0}]


def test_options_fill_what_the_file_leaves_blank() -> None:
    frame = pd.DataFrame({"batch": [1.0, None], "engine": ["naive", None]})
    found = filled(frame, {"batch": 8.0, "gpu_model": "H100", "engine": None})
    assert found["batch"].tolist() == [1.0, 8.0]
    assert found["gpu_model"].tolist() == ["H100", "H100"]
    assert found["engine"].fillna("").tolist() == ["naive", ""]
