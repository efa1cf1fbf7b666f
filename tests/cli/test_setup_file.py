"""Files of set-ups: what is read, what is refused by row and column, and what ``estimate`` answers."""

import csv
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from analysis.cli.setup_file import filled, read_file
from analysis.inputs.errors import DataError
from tests.cli.test_estimate import OPTIONS, answered, refused


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


def test_a_file_gives_what_each_set_up_gives_alone(here, tmp_path: Path) -> None:
    (tmp_path / "setups.csv").write_text(
        "id,model,gpu,gpus,batch,tariff,place\n"
        "a,llama-3.1-8b,L4,,,0.1,\n"
        "b,deepseek-v3,H200,8,32,,guizhou\n"
        "c,gpt-oss-120b,,,,0.05 EUR/kWh,\n"
    )
    shown = here("estimate", "--file", "setups.csv", "--engine", "vllm")
    assert shown.returncode == 0, shown.stderr
    rows = list(csv.DictReader(io.StringIO(shown.stdout)))
    assert [row["id"] for row in rows] == ["a", "b", "c"]
    assert [row["gpu_model"] for row in rows[:2]] == ["L4", "H200"]
    alone = answered(
        here,
        "deepseek-v3",
        "--gpu",
        "H200",
        "--gpus",
        "8",
        "--batch",
        "32",
        "--place",
        "guizhou",
        "--engine",
        "vllm",
    )
    for name in ("output_total_usd_per_mtok", "request_electricity_usd"):
        assert float(rows[1][name]) == pytest.approx(alone[name]["p50"])
    assert float(rows[1]["energy_wh_per_request_p95"]) == pytest.approx(alone["energy_wh_per_request"]["p95"])
    as_list = json.loads(here("estimate", "--file", "setups.csv", "--json").stdout)
    assert [entry["id"] for entry in as_list] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "model,gpu\nllama-3.1-8b,H20O\n",
            "setups.csv, row 2, column gpu_model: 'H20O' is not known; did you mean",
        ),
        (
            "model,batch\nllama-3.1-8b,1\nllama-3.1-8b,x\n",
            'setups.csv, row 3, column batch: "x" is no number',
        ),
        ("model\nlama\nnobody\n", "setups.csv, row 2, column model: 'lama' is not known"),
        ("model,place\nllama-3.1-8b,Mars\n", "setups.csv, row 2, column place: 'Mars' is not known"),
        ("gpu\nH100\n", "setups.csv, column params_active_b is missing, and so is model"),
        (
            "params_active,gpu,gpus\n700,H100,1\n",
            "setups.csv, row 2, column gpu_count: 1: the model does not fit",
        ),
    ],
)
def test_an_error_in_a_file_names_row_and_column_and_earlier_output_stays(
    here, tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "setups.csv").write_text(text)
    (tmp_path / "out.csv").write_text("earlier")
    assert refused(here, "--file", "setups.csv", "--out", "out.csv").startswith(message)
    assert (tmp_path / "out.csv").read_text() == "earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "setups.csv"]


def test_an_answer_is_written_whole(here, tmp_path: Path) -> None:
    (tmp_path / "setups.csv").write_text("model\nllama-3.1-8b\n")
    told = here("estimate", "--file", "setups.csv", "--out", "new/out.csv")
    assert (told.returncode, told.stdout) == (0, "")
    assert (tmp_path / "new" / "out.csv").read_text() == here("estimate", "--file", "setups.csv").stdout
    assert here("estimate", *OPTIONS, "--json", "--out", "one.json").returncode == 0
    assert json.loads((tmp_path / "one.json").read_text())["batch"] == 64.0
    assert refused(here, *OPTIONS, "--json", "--csv") == "--json and --csv: choose one"
    assert refused(here, "--file", "none.csv") == "none.csv: No such file or directory"
    assert refused(here, *OPTIONS, "--json", "--out", ".") == "--out: '.' is a folder; name a file in it"


def test_an_answer_never_takes_the_place_of_its_set_ups(here, tmp_path: Path) -> None:
    (tmp_path / "setups.csv").write_text("model\nllama-3.1-8b\n")
    told = refused(here, "--file", "setups.csv", "--out", "../" + tmp_path.name + "/setups.csv")
    assert told == "--out: it is the file of set-ups, which would be lost; name another"
    assert (tmp_path / "setups.csv").read_text() == "model\nllama-3.1-8b\n"


def test_ten_thousand_set_ups_are_answered_in_one_call(here, tmp_path: Path) -> None:
    cards, models = ("H100", "L4", "B200", "MI300X"), ("llama-3.1-8b", "gpt-oss-20b", "qwen3-8b")
    rows = [f"{models[n % 3]},{cards[n % 4]},{1 + n % 7},{0.03 + n % 50 / 500}" for n in range(10_000)]
    (tmp_path / "setups.csv").write_text("\n".join(["model,gpu,batch,tariff", *rows]) + "\n")
    told = here("estimate", "--file", "setups.csv", "--out", "out.csv")
    assert told.returncode == 0, told.stderr
    assert (tmp_path / "out.csv").read_text().count("\n") == 10_001
