"""Queries of the catalogs, as the administrator of a server runs them in databases of other roles.

The owner of a database may set its search path and create functions, so every function, operator and type names the schema
pg_catalog (wiki.postgresql.org/wiki/A_Guide_to_CVE-2018-1058:_Protect_Your_Search_Path). PostgreSQL finds the operators of
IN and of CASE with a value by the search path, and there is no way to name their schema: neither is used here.
"""

from typing import Final

ROLES: Final = """
SELECT rolname::pg_catalog.text FROM pg_catalog.pg_roles
WHERE rolname::pg_catalog.text OPERATOR(pg_catalog.=) ANY($1::pg_catalog.text[])
"""
PRINCIPALS: Final = """
SELECT rolename::pg_catalog.text, objectid::pg_catalog.text FROM pg_catalog.pgaadauth_list_principals(false)
WHERE rolename::pg_catalog.text OPERATOR(pg_catalog.=) ANY($1::pg_catalog.text[])
"""
DATABASES: Final = """
SELECT datname::pg_catalog.text, pg_catalog.pg_get_userbyid(datdba)::pg_catalog.text,
    pg_catalog.has_database_privilege(oid, 'CONNECT'),
    pg_catalog.pg_has_role(datdba, 'USAGE') AND pg_catalog.pg_has_role(datdba, 'SET')
FROM pg_catalog.pg_database WHERE datname::pg_catalog.text OPERATOR(pg_catalog.=) ANY($1::pg_catalog.text[])
"""
OPEN_DATABASES: Final = """
SELECT d.datname::pg_catalog.text FROM pg_catalog.pg_database d
WHERE d.datname::pg_catalog.text OPERATOR(pg_catalog.=) ANY($1::pg_catalog.text[])
    AND pg_catalog.pg_has_role(d.datdba, 'USAGE')
    AND EXISTS (SELECT FROM pg_catalog.aclexplode(COALESCE(d.datacl, pg_catalog.acldefault('d', d.datdba))) a
        WHERE a.grantee OPERATOR(pg_catalog.=) 0)
"""
OPEN_SCHEMA: Final = """
SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace n,
        LATERAL pg_catalog.aclexplode(COALESCE(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) a
    WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) 'public' AND a.grantee OPERATOR(pg_catalog.=) 0
        AND a.privilege_type OPERATOR(pg_catalog.=) 'CREATE' AND pg_catalog.pg_has_role(n.nspowner, 'USAGE'))
"""
DATABASE: Final = """
WITH grants AS (
    SELECT a.grantee, a.privilege_type FROM pg_catalog.pg_database d,
        LATERAL pg_catalog.aclexplode(COALESCE(d.datacl, pg_catalog.acldefault('d', d.datdba))) a
    WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
SELECT pg_catalog.pg_get_userbyid(d.datdba)::pg_catalog.text AS owner,
    EXISTS (SELECT FROM grants g WHERE g.grantee OPERATOR(pg_catalog.=) 0) AS open,
    ARRAY(SELECT r.rolname::pg_catalog.text FROM grants g
        JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) g.grantee
        WHERE g.privilege_type OPERATOR(pg_catalog.=) 'CONNECT') AS connects,
    ARRAY(SELECT x.extname::pg_catalog.text FROM pg_catalog.pg_extension x) AS extensions,
    EXISTS (SELECT FROM pg_catalog.aclexplode(COALESCE(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) a
        WHERE a.grantee OPERATOR(pg_catalog.=) 0 AND a.privilege_type OPERATOR(pg_catalog.=) 'CREATE') AS schema_open,
    pg_catalog.has_schema_privilege($1::pg_catalog.name, n.oid, 'CREATE')
        AND pg_catalog.has_schema_privilege($1::pg_catalog.name, n.oid, 'USAGE') AS owner_creates,
    ARRAY(SELECT r.rolname::pg_catalog.text FROM pg_catalog.pg_roles r
        WHERE (r.rolname::pg_catalog.text OPERATOR(pg_catalog.=) $1::pg_catalog.text
            OR r.oid OPERATOR(pg_catalog.=) d.datdba)
        AND pg_catalog.pg_has_role(r.oid, 'USAGE') AND pg_catalog.pg_has_role(r.oid, 'SET')) AS acts_as
FROM pg_catalog.pg_database d
JOIN pg_catalog.pg_namespace n ON n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) 'public'
WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
"""
USES_SCHEMA: Final = "SELECT pg_catalog.has_schema_privilege($1::pg_catalog.name, 'public'::pg_catalog.text, 'USAGE')"
HAS_WORKSPACE: Final = """
SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace n
    WHERE n.nspname::pg_catalog.text OPERATOR(pg_catalog.=) $2::pg_catalog.text
        AND pg_catalog.has_schema_privilege($1::pg_catalog.name, n.oid, 'CREATE')
        AND pg_catalog.has_schema_privilege($1::pg_catalog.name, n.oid, 'USAGE'))
"""
DEFAULTS: Final = """
SELECT a.privilege_type::pg_catalog.text FROM pg_catalog.pg_default_acl d, LATERAL pg_catalog.aclexplode(d.defaclacl) a
WHERE pg_catalog.pg_get_userbyid(d.defaclrole)::pg_catalog.text OPERATOR(pg_catalog.=) $1::pg_catalog.text
    AND d.defaclnamespace OPERATOR(pg_catalog.=) 'public'::pg_catalog.regnamespace::pg_catalog.oid
    AND d.defaclobjtype::pg_catalog.text OPERATOR(pg_catalog.=) $3::pg_catalog.text
    AND pg_catalog.pg_get_userbyid(a.grantee)::pg_catalog.text OPERATOR(pg_catalog.=) $2::pg_catalog.text
"""
LACKING: Final = """
SELECT pg_catalog.quote_ident(c.relname::pg_catalog.text) FROM pg_catalog.pg_class c
WHERE c.relnamespace OPERATOR(pg_catalog.=) 'public'::pg_catalog.regnamespace::pg_catalog.oid
    AND pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text OPERATOR(pg_catalog.=) $1::pg_catalog.text
    AND c.relkind::pg_catalog.text OPERATOR(pg_catalog.=) ANY($3::pg_catalog.text[])
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend x
        WHERE x.objid OPERATOR(pg_catalog.=) c.oid AND x.deptype::pg_catalog.text OPERATOR(pg_catalog.=) 'e')
    AND EXISTS (SELECT FROM pg_catalog.unnest($4::pg_catalog.text[]) p
        WHERE NOT CASE WHEN c.relkind::pg_catalog.text OPERATOR(pg_catalog.=) 'S'
            THEN pg_catalog.has_sequence_privilege($2::pg_catalog.name, c.oid, p)
            ELSE pg_catalog.has_table_privilege($2::pg_catalog.name, c.oid, p) END)
ORDER BY 1
"""
STRANGERS: Final = """
SELECT o.what::pg_catalog.text, pg_catalog.pg_get_userbyid(o.owner)::pg_catalog.text FROM (
    SELECT proname, proowner, pronamespace, oid FROM pg_catalog.pg_proc
    UNION ALL SELECT oprname, oprowner, oprnamespace, oid FROM pg_catalog.pg_operator
    UNION ALL SELECT typname, typowner, typnamespace, oid FROM pg_catalog.pg_type
    UNION ALL SELECT relname, relowner, relnamespace, oid FROM pg_catalog.pg_class
    ) AS o (what, owner, namespace, oid)
WHERE o.namespace OPERATOR(pg_catalog.=) 'public'::pg_catalog.regnamespace::pg_catalog.oid
    AND NOT pg_catalog.pg_get_userbyid(o.owner)::pg_catalog.text OPERATOR(pg_catalog.=) ANY($1::pg_catalog.text[])
    AND NOT pg_catalog.pg_has_role(o.owner, $2::pg_catalog.name, 'MEMBER')
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend x
        WHERE x.objid OPERATOR(pg_catalog.=) o.oid AND x.deptype::pg_catalog.text OPERATOR(pg_catalog.=) 'e')
ORDER BY 1 LIMIT 10
"""
LOCK_HOLDERS: Final = """
SELECT DISTINCT a.usename::pg_catalog.text, a.pid FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_stat_activity a ON a.pid OPERATOR(pg_catalog.=) l.pid
WHERE l.locktype OPERATOR(pg_catalog.=) 'advisory' AND l.granted
    AND a.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()
"""
