"""Statements for roles and databases: only those that change something, and in the words of PostgreSQL."""

from dataclasses import replace

from installer.database_setup import plan
from installer.database_setup.existing import DatabaseFacts, UserFacts
from installer.database_setup.model import Database, DatabaseOrder, Role

ROLE = Role("id-web", "11111111-0000-0000-0000-000000000001")
WANTED = Database("dev_flowforge", "id-web", ("id-worker",), ("pg_trgm",))
USER = UserFacts(
    uses_schema=True,
    default_tables=frozenset(plan.TABLE_PRIVILEGES),
    default_sequences=frozenset(plan.SEQUENCE_PRIVILEGES),
    has_workspace=True,
)
DONE = DatabaseFacts(
    owner="id-web",
    open=False,
    connects=frozenset({"id-web", "id-worker", plan.ADMINISTRATORS}),
    extensions=frozenset({"plpgsql", "pg_trgm"}),
    schema_open=False,
    owner_creates=True,
    users={"id-worker": USER},
    acts_as=frozenset(),
)
DEFAULTS = 'ALTER DEFAULT PRIVILEGES FOR ROLE "id-web" IN SCHEMA public'
NEW = DatabaseFacts(
    owner="azure_pg_admin",
    open=True,
    connects=frozenset({"azure_pg_admin"}),
    extensions=frozenset({"plpgsql"}),
    schema_open=True,
    owner_creates=False,
    users={"id-worker": UserFacts(uses_schema=True)},
    acts_as=frozenset({"azure_pg_admin"}),
)


def statements(found: DatabaseFacts) -> list[str]:
    return [statement for step in plan.database_steps(WANTED, found) for statement in step.statements]


def test_a_missing_role_is_made_for_its_identity() -> None:
    step = plan.role_step(ROLE, exists=False, object_id=None)
    assert step.change.doing == "created"
    assert step.statements == (
        f"SELECT pg_catalog.pgaadauth_create_principal_with_oid('id-web', '{ROLE.object_id}', 'service', false, false)",
    )


def test_a_role_of_the_same_identity_is_left_alone() -> None:
    step = plan.role_step(ROLE, exists=True, object_id=ROLE.object_id.upper())
    assert (step.change.doing, step.statements) == ("unchanged", ())


def test_a_role_of_a_former_identity_is_mapped_to_the_new_one() -> None:
    for former in (None, "22222222-0000-0000-0000-000000000002"):
        step = plan.role_step(ROLE, exists=True, object_id=former)
        assert step.change.doing == "updated"
        assert step.statements == (
            f'SECURITY LABEL FOR "pgaadauth" ON ROLE "id-web" IS \'aadauth,oid={ROLE.object_id},type=service\'',
        )


def test_a_database_as_wanted_needs_nothing() -> None:
    assert plan.database_steps(WANTED, DONE) == []


def test_a_new_database_of_azure_gets_everything() -> None:
    steps = plan.database_steps(WANTED, NEW)
    assert [(step.change.kind, step.change.doing) for step in steps] == [
        ("access", "updated"),
        ("extension", "created"),
        ("database", "updated"),
        ("access", "updated"),
        ("access", "updated"),
        ("access", "updated"),
    ]
    assert statements(NEW) == [
        'REVOKE ALL ON DATABASE "dev_flowforge" FROM PUBLIC',
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        'CREATE EXTENSION IF NOT EXISTS "pg_trgm" WITH SCHEMA public',
        'ALTER DATABASE "dev_flowforge" OWNER TO "id-web"',
        'GRANT CONNECT ON DATABASE "dev_flowforge" TO azure_pg_admin',
        'GRANT USAGE, CREATE ON SCHEMA public TO "id-web"',
        'GRANT CONNECT ON DATABASE "dev_flowforge" TO "id-worker"',
        "CREATE SCHEMA IF NOT EXISTS flowforge_acceptance",
        'GRANT USAGE, CREATE ON SCHEMA flowforge_acceptance TO "id-worker"',
        f'{DEFAULTS} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "id-worker"',
        f'{DEFAULTS} GRANT SELECT, USAGE ON SEQUENCES TO "id-worker"',
    ]


def test_only_lost_privileges_are_granted_again() -> None:
    lost = replace(USER, lacking_tables=("flows", '"Runs"'), lacking_sequences=("flows_id_seq",))
    assert statements(replace(DONE, users={"id-worker": lost})) == [
        'GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE public.flows, public."Runs" TO "id-worker"',
        'GRANT SELECT, USAGE ON SEQUENCE public.flows_id_seq TO "id-worker"',
    ]


def test_more_privileges_extensions_and_roles_than_wanted_are_left_alone() -> None:
    more = replace(
        DONE,
        connects=DONE.connects | {"reporting"},
        extensions=DONE.extensions | {"uuid-ossp"},
        acts_as=frozenset({"id-web"}),
    )
    assert plan.database_steps(WANTED, more) == []


def test_the_administrator_joins_only_roles_that_it_may_not_act_as() -> None:
    joined = plan.memberships(["id-web", "alice", plan.ADMINISTRATORS], ["alice"])
    assert plan.join_statements(joined) == ['GRANT "id-web" TO CURRENT_USER WITH INHERIT TRUE, SET TRUE']
    assert plan.leave_statements(joined) == ['REVOKE "id-web" FROM CURRENT_USER']


def test_a_privilege_that_another_statement_takes_away_is_granted() -> None:
    """The former owner loses its implied privileges, and the new one those of all roles."""
    found = replace(NEW, owner_creates=True)
    granted = [statement for statement in statements(found) if statement.startswith("GRANT")]
    assert granted[:2] == [
        'GRANT CONNECT ON DATABASE "dev_flowforge" TO azure_pg_admin',
        'GRANT USAGE, CREATE ON SCHEMA public TO "id-web"',
    ]


def test_databases_of_the_server_are_closed_to_workloads_and_stay_open_to_administrators() -> None:
    (step,) = plan.shared_steps(["template1"], schema_open=True)
    assert step.change.text == "access postgres closed to other roles"
    assert step.statements == (
        'GRANT CONNECT ON DATABASE "template1" TO azure_pg_admin',
        'REVOKE ALL ON DATABASE "template1" FROM PUBLIC',
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    )
    assert plan.shared_steps([], schema_open=False) == []


def test_objects_are_unproven_until_only_known_roles_can_have_made_them() -> None:
    assert not plan.is_unproven(WANTED, DONE)
    for found in (
        replace(DONE, open=True),
        replace(DONE, schema_open=True),
        replace(DONE, extensions=frozenset()),
        replace(DONE, owner=plan.ADMINISTRATORS),
    ):
        assert plan.is_unproven(WANTED, found)


def test_names_and_texts_are_quoted() -> None:
    step = plan.role_step(Role('a"b', "o'x"), exists=True, object_id=None)
    assert step.statements == ('SECURITY LABEL FOR "pgaadauth" ON ROLE "a""b" IS \'aadauth,oid=o\'\'x,type=service\'',)


def test_an_order_survives_the_way_through_json() -> None:
    order = DatabaseOrder((ROLE,), (WANTED,))
    assert DatabaseOrder.from_json(order.to_json()) == order
