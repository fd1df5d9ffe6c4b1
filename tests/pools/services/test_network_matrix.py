"""The network matrix says in each cell what a server has there, and what is wrong with it."""

from collections.abc import Iterator

import pytest

from pools.services.network_matrix import Cell, Matrix, rows_as_text
from pools.xapi.inventory import Snapshot
from simulator.running import running
from tests.pools.diagnosis.reading import read


@pytest.fixture(scope="module")
def museum() -> Iterator[Snapshot]:
    with running("bond-museum") as sim:
        yield read(sim.hosts[0])


def uuid_of(pool: Snapshot, name: str) -> str:
    return next(host.uuid for host in pool.hosts.values() if host.name_label == name)


def cells(matrix: Matrix, name: str) -> dict[str, Cell]:
    row = next(row for row in matrix.rows if row.name == name)
    return {column.title: cell for column, cell in zip(matrix.columns, row.cells, strict=True)}


def test_columns_are_grouped_by_what_the_networks_are(museum: Snapshot) -> None:
    matrix = Matrix(pool=museum)
    groups = {group.title: [column.title for column in group.columns] for group in matrix.groups}
    assert list(groups)[:3] == ["Management", "Bonds", "VLANs on Storage bond"]
    assert groups["Management"] == ["Management bond"]
    assert groups["Bonds"] == ["Backup bond", "Bond of nobody", "Bond of old days", "Storage bond"]
    assert groups["VLANs on Storage bond"] == ["Guests 10", "Guests 20", "Guests 30"]


def test_the_reference_is_the_first_row_and_the_others_follow_by_name(museum: Snapshot) -> None:
    names = [row.name for row in Matrix(pool=museum, reference=uuid_of(museum, "m07-extra")).rows]
    assert names[0] == "m07-extra"
    assert names[1:] == sorted(names[1:])


def test_a_cell_says_nics_mode_links_and_use(museum: Snapshot) -> None:
    fine = cells(Matrix(pool=museum), "m00-sound")
    assert fine["Storage bond"].words == "eth2 + eth3, LACP, 10.20.0.10, links 2/2, storage"
    assert fine["Management bond"].management
    assert fine["Guests 10"].words == "VLAN 10, on Storage bond"
    dark = cells(Matrix(pool=museum), "m17-carrier")["Storage bond"]
    assert (dark.links, dark.state) == ("1/2", "wrong")


def test_marks_tell_causes_from_consequences_and_hints(museum: Snapshot) -> None:
    crossed = cells(Matrix(pool=museum), "m05-crossed")
    assert {mark.entry.letter: mark.state for mark in crossed["Management bond"].marks} == {
        "X": "wrong",
        "G": "follows",
    }
    assert crossed["Guests 10"].state == "follows"
    assert cells(Matrix(pool=museum), "m15-cabling")["Storage bond"].state == "hint"
    assert cells(Matrix(pool=museum), "m02-impossible")["Storage bond"].text == ""


def test_nics_by_place_show_the_bond_they_are_in(museum: Snapshot) -> None:
    matrix = Matrix(pool=museum, by_nics=True)
    assert [column.title for column in matrix.columns][:2] == ["Position 0", "Position 1"]
    shown = cells(matrix, "m06-elsewhere")
    assert shown["Position 2"].text == "eth2 in Bond of nobody"
    assert cells(matrix, "m16-no-card")["Position 3"].text == ""


def test_only_what_is_wrong_leaves_out_sound_servers_and_networks(museum: Snapshot) -> None:
    matrix = Matrix(pool=museum, problems_only=True)
    names = {row.name for row in matrix.rows}
    assert "m00-sound" not in names
    assert "m26-numbers" not in names
    assert {"museum", "m01-missing", "m15-cabling"} <= names
    assert "Pool-wide network 0" not in {column.title for column in matrix.columns}


def test_what_lies_on_one_another_is_one_chain(museum: Snapshot) -> None:
    fine = cells(Matrix(pool=museum), "m00-sound")
    assert fine["Storage bond"].chain == fine["Guests 10"].chain == fine["Guests 20"].chain
    assert fine["Management bond"].chain != fine["Storage bond"].chain


def test_one_sentence_says_what_is_wrong(museum: Snapshot) -> None:
    said = Matrix(pool=museum).sentence
    assert said.startswith("25 of 30 servers are not as museum: bond missing, bond impossible, wrong NICs in the bond")
    with running("pool-of-four") as sim:
        assert Matrix(pool=read(sim.hosts[0])).sentence == "All 4 servers agree with four-1."


def test_the_table_for_a_spreadsheet_has_every_cell(museum: Snapshot) -> None:
    matrix = Matrix(pool=museum)
    lines = list(rows_as_text(matrix))
    assert len(lines) == 1 + len(matrix.rows) * len(matrix.columns)
    crossed = next(line for line in lines if line[0] == "m05-crossed" and line[1] == "Storage bond")
    assert crossed[3:5] == ("eth0 + eth1", "LACP, 127.64.0.7")
    assert crossed[6] == "yes"
    assert "Bonds crossed (M5)" in crossed[7]
