"""Tables whose rows the database itself never lets anybody change or take out."""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import BaseConstraint, Model

FUNCTION = """
CREATE OR REPLACE FUNCTION xenweb_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only: ' || TG_OP || ' refused', ERRCODE = '42501';
END $$
"""


class AppendOnly(BaseConstraint):
    """UPDATE and DELETE of a row are refused by a trigger; declared like any constraint (docs/decisions/0005)."""

    def constraint_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        """Add the trigger after the table; nothing stands inside CREATE TABLE."""
        if model is not None and schema_editor is not None:
            schema_editor.deferred_sql.extend([FUNCTION, self._trigger(model, schema_editor)])
        return ""

    def create_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        """Add the trigger to a table that stands."""
        return f"{FUNCTION};{self._trigger(model, schema_editor)}" if model and schema_editor else ""

    def remove_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        """Take the trigger away."""
        if model is None or schema_editor is None:
            return ""
        quote = schema_editor.quote_name
        return f"DROP TRIGGER IF EXISTS {quote(self.name)} ON {quote(table_of(model))}"

    def validate(self, *args: object, **kwargs: object) -> None:
        """Hold for every new row: only the database can see what becomes of it later."""

    def __eq__(self, other: object) -> bool:
        """Let Django see that a migration has it already."""
        return isinstance(other, AppendOnly) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def _trigger(self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor) -> str:
        quote = schema_editor.quote_name
        return (
            f"CREATE TRIGGER {quote(self.name)} BEFORE UPDATE OR DELETE ON {quote(table_of(model))} "
            "FOR EACH ROW EXECUTE FUNCTION xenweb_append_only()"
        )


def table_of(model: type[Model]) -> str:
    return model._meta.db_table  # noqa: SLF001 (Django's documented Model._meta)
