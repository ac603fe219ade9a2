"""SQL that makes a cluster what Azure gives its administrators: their role, the functions for Entra, allowed extensions.

MicrosoftDocs/azure-databases-docs, articles/postgresql: security/security-manage-entra-users.md (functions and their
results), security/security-access-control.md (azure_pg_admin owns the schema public and may manage all roles; new databases
let all roles create objects in it), extensions/errors-extensions.md (refusal of an extension that is not allowed).
"""

from __future__ import annotations

from typing import Final

SUPERUSER: Final = "azuresu"
"""Superuser of the service, which administrators do not have."""
EXTENSIONS_SETTING: Final = "azure.extensions"

EVERY_DATABASE: Final = """
ALTER SCHEMA public OWNER TO azure_pg_admin;
GRANT USAGE, CREATE ON SCHEMA public TO PUBLIC;
CREATE SCHEMA IF NOT EXISTS azure;
CREATE OR REPLACE FUNCTION azure.check_extension() RETURNS event_trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    found record;
BEGIN
    FOR found IN SELECT object_identity AS name FROM pg_event_trigger_ddl_commands() WHERE object_type = 'extension' LOOP
        IF NOT lower(trim('"' FROM found.name))
                = ANY (string_to_array(lower(current_setting('azure.extensions', true)), ',')) THEN
            RAISE EXCEPTION 'extension % is not allow-listed for "azure_pg_admin" users in Azure Database for PostgreSQL',
                quote_ident(found.name) USING ERRCODE = 'feature_not_supported',
                HINT = 'to learn how to allow an extension or see the list of allowed extensions, please refer to '
                    'https://go.microsoft.com/fwlink/?linkid=2301063';
        END IF;
    END LOOP;
END $$;
CREATE EVENT TRIGGER azure_extensions ON ddl_command_end WHEN TAG IN ('CREATE EXTENSION')
    EXECUTE FUNCTION azure.check_extension();
"""
"""In template1 and postgres."""

ADMINISTRATORS_ROLE: Final = "CREATE ROLE azure_pg_admin CREATEROLE CREATEDB;"

ENTRA: Final = """
CREATE SCHEMA pgaadauth;
CREATE TABLE pgaadauth.principals (
    role oid PRIMARY KEY, type text NOT NULL, object_id text NOT NULL, tenant text NOT NULL DEFAULT '',
    mfa boolean NOT NULL DEFAULT false, admin boolean NOT NULL DEFAULT false, deployed boolean NOT NULL DEFAULT false);
CREATE TABLE pgaadauth.deployed_databases (name text PRIMARY KEY);
CREATE VIEW pgaadauth.mapped AS
    SELECT r.rolname, p.* FROM pgaadauth.principals p JOIN pg_catalog.pg_roles r ON r.oid = p.role;

CREATE FUNCTION pgaadauth.check_caller() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT pg_has_role(session_user, 'azure_pg_admin', 'MEMBER') THEN
        RAISE EXCEPTION 'permission denied to manage Microsoft Entra roles' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

CREATE FUNCTION pg_catalog.pgaadauth_list_principals(isadminvalue boolean)
RETURNS TABLE (rolename name, principaltype text, objectid text, tenantid text, ismfa integer, isadmin integer)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT rolname, type, object_id, tenant, mfa::integer, admin::integer FROM pgaadauth.mapped
    WHERE admin OR NOT isadminvalue ORDER BY rolname
$$;

CREATE FUNCTION pg_catalog.pgaadauth_create_principal_with_oid(
    rolename text, objectid text, objecttype text, isadmin boolean, ismfa boolean)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    PERFORM pgaadauth.check_caller();
    PERFORM pgaadauth.check_principal(objectid, objecttype);
    EXECUTE format('CREATE ROLE %I LOGIN', rolename);
    IF isadmin THEN
        EXECUTE format('ALTER ROLE %I CREATEROLE CREATEDB', rolename);
        EXECUTE format('GRANT azure_pg_admin TO %I', rolename);
    ELSE
        -- Members of azure_pg_admin may grant every role, which is not theirs by that.
        EXECUTE format('GRANT %I TO azure_pg_admin WITH ADMIN TRUE, INHERIT FALSE, SET FALSE', rolename);
    END IF;
    INSERT INTO pgaadauth.principals (role, type, object_id, mfa, admin)
        SELECT r.oid, objecttype, objectid, ismfa, isadmin FROM pg_roles r WHERE r.rolname = rolename
        ON CONFLICT (role) DO UPDATE SET object_id = EXCLUDED.object_id;
    RETURN format('Created role for "%s"', rolename);
END $$;

CREATE FUNCTION pgaadauth.check_principal(objectid text, objecttype text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM objectid::uuid;
    IF objecttype NOT IN ('user', 'group', 'service') THEN
        RAISE EXCEPTION 'invalid object type "%"', objecttype USING ERRCODE = 'invalid_parameter_value';
    END IF;
END $$;

-- SECURITY LABEL needs a library of the service; the front of the emulator calls this in place of the statement.
CREATE FUNCTION pg_catalog.flowforge_security_label(rolename text, label text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    part text[] := regexp_match(label, '^aadauth,oid=([0-9a-fA-F-]+),type=(user|group|service)(,admin)?$');
BEGIN
    PERFORM pgaadauth.check_caller();
    IF part IS NULL THEN
        RAISE EXCEPTION 'invalid security label "%"', label USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pgaadauth.check_principal(part[1], part[2]);
    INSERT INTO pgaadauth.principals (role, type, object_id, admin)
        SELECT rolename::regrole::oid, part[2], part[1], part[3] IS NOT NULL
        ON CONFLICT (role) DO UPDATE SET type = EXCLUDED.type, object_id = EXCLUDED.object_id, admin = EXCLUDED.admin;
END $$;
"""
"""In postgres only, as in Azure."""

OWNERSHIP: Final = """
ALTER DATABASE postgres OWNER TO azure_pg_admin;
ALTER DATABASE template1 OWNER TO azure_pg_admin;
"""
"""psql's list of databases of a flexible server: azure_pg_admin owns them, and all roles may connect to both."""

SYNCHRONIZE: Final = r"""
DO $$
DECLARE
    wanted record;
BEGIN
    FOR wanted IN SELECT * FROM jsonb_to_recordset(current_setting('flowforge.administrators')::jsonb)
            AS x(name name, object_id text, type text, tenant text) LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN CREATEROLE CREATEDB IN ROLE azure_pg_admin', wanted.name);
        END IF;
        INSERT INTO pgaadauth.principals
            SELECT oid, wanted.type, wanted.object_id, wanted.tenant, false, true, true
            FROM pg_roles WHERE rolname = wanted.name
            ON CONFLICT (role) DO UPDATE SET type = EXCLUDED.type, object_id = EXCLUDED.object_id, deployed = true;
    END LOOP;
    DELETE FROM pgaadauth.principals p WHERE deployed AND object_id NOT IN (
        SELECT object_id FROM jsonb_to_recordset(current_setting('flowforge.administrators')::jsonb) AS x(object_id text));
END $$;
SELECT format('DROP DATABASE IF EXISTS %I WITH (FORCE)', name) FROM pgaadauth.deployed_databases
    WHERE name NOT IN (SELECT jsonb_array_elements_text(current_setting('flowforge.databases')::jsonb)) \gexec
DELETE FROM pgaadauth.deployed_databases
    WHERE name NOT IN (SELECT jsonb_array_elements_text(current_setting('flowforge.databases')::jsonb));
SELECT format('CREATE DATABASE %I OWNER azure_pg_admin', name)
    FROM jsonb_array_elements_text(current_setting('flowforge.databases')::jsonb) AS name
    WHERE name NOT IN (SELECT datname FROM pg_database) \gexec
INSERT INTO pgaadauth.deployed_databases
    SELECT jsonb_array_elements_text(current_setting('flowforge.databases')::jsonb) ON CONFLICT DO NOTHING;
"""
"""Makes administrators and databases those of Azure Resource Manager. Run by psql. Names of roles have at most 63 bytes, as
their type."""

OBJECT_OF_ROLE: Final = "SELECT object_id, type FROM pgaadauth.mapped WHERE rolname = current_setting('flowforge.role')"
"""Object ID and type of the principal that a role is mapped to."""
