/// What a database consists of, in one form for both: PostgreSQL's catalogue and `dunlin schema`.

const bySchemaAndName = (left, right) => (left.name < right.name ? -1 : 1)

/// One JSON text of all tables, views and enums outside of PostgreSQL's own schemas and those of the server.
const catalogueSql = `
with relations as (
  select c.oid, n.nspname, c.relname, c.relkind, c.relrowsecurity
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'v') and n.nspname not in ('pg_catalog', 'information_schema', 'auth', 'realtime', 'pg_toast')
),
names as (
  select c.oid as constraint_id,
    (select json_agg(a.attname order by k.place) from unnest(c.conkey) with ordinality k (number, place)
       join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number) as own,
    (select json_agg(a.attname order by k.place) from unnest(c.confkey) with ordinality k (number, place)
       join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.number) as target
  from pg_constraint c
)
select json_build_object(
  'tables', (select coalesce(json_agg(json_build_object(
    'name', r.nspname || '.' || r.relname,
    'kind', case r.relkind when 'v' then 'view' else 'table' end,
    'comment', coalesce(obj_description(r.oid, 'pg_class'), ''),
    'row_security', r.relrowsecurity,
    'columns', (select json_agg(json_build_object(
        'name', a.attname,
        'type', case when bt.oid is not null then format_type(bt.oid, t.typtypmod)
                     else format_type(a.atttypid, a.atttypmod) end,
        'not_null', a.attnotnull or coalesce(t.typnotnull, false),
        'has_default', a.atthasdef and a.attgenerated = '' and pg_get_expr(d.adbin, d.adrelid) not like 'nextval(%'
                       or t.typdefault is not null,
        'is_generated', a.attgenerated <> '',
        'identity', case when a.attidentity = 'a' then 'always'
                         when a.attidentity = 'd' or pg_get_expr(d.adbin, d.adrelid) like 'nextval(%' then 'by default'
                         else '' end,
        'comment', coalesce(col_description(a.attrelid, a.attnum), '')
      ) order by a.attnum)
      from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        left join pg_type t on t.oid = a.atttypid and t.typtype = 'd'
        left join pg_type bt on bt.oid = t.typbasetype
      where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped),
    'constraints', (select coalesce(json_agg(json_build_object(
        'name', c.conname, 'kind', c.contype, 'columns', case when c.contype = 'c' then '[]' else k.own end,
        'target', case when c.contype = 'f' then c.confrelid::regclass::text end,
        'target_columns', k.target,
        'on_delete', c.confdeltype, 'on_update', c.confupdtype, 'deferred', c.condeferred
      ) order by c.conname), '[]') from pg_constraint c join names k on k.constraint_id = c.oid
      where c.conrelid = r.oid and c.contype in ('p', 'u', 'f', 'c')),
    'indexes', (select coalesce(json_agg(json_build_object(
        'name', ic.relname, 'unique', i.indisunique,
        'columns', case when i.indexprs is null then (select json_agg(a.attname order by k.place)
          from unnest(i.indkey::int2[]) with ordinality k (number, place)
          join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number where k.place <= i.indnkeyatts)
          else '[]' end
      ) order by ic.relname), '[]') from pg_index i join pg_class ic on ic.oid = i.indexrelid
      where i.indrelid = r.oid and not exists (select 1 from pg_constraint c where c.conindid = i.indexrelid and c.contype in ('p', 'u'))),
    'policies', (select coalesce(json_agg(json_build_object(
        'name', p.policyname, 'command', lower(p.cmd), 'permissive', p.permissive = 'PERMISSIVE',
        'roles', case when p.roles = '{public}' then '{}' else p.roles end,
        'has_using', p.qual is not null, 'has_check', p.with_check is not null
      ) order by p.policyname), '[]') from pg_policies p where p.schemaname = r.nspname and p.tablename = r.relname)
  ) order by r.nspname, r.relname), '[]') from relations r),
  'enums', (select coalesce(json_agg(json_build_object('name', n.nspname || '.' || t.typname,
      'labels', (select json_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid)
    ) order by n.nspname, t.typname), '[]')
    from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.typtype = 'e' and n.nspname not in ('auth', 'realtime'))
)::text as body`

export async function postgresCatalogue(database) {
  const [{ body }] = await database.run(catalogueSql)
  const catalogue = JSON.parse(body)
  for (const table of catalogue.tables) {
    for (const one of table.constraints) if (one.kind !== 'f') delete one.target_columns
  }
  return catalogue
}

const actions = {
  'no action': 'a',
  restrict: 'r',
  cascade: 'c',
  'set null': 'n',
  'set default': 'd',
}
const plain = (name, kind, columns) => ({
  name,
  kind,
  columns,
  target: null,
  on_delete: ' ',
  on_update: ' ',
  deferred: false,
})

const foreignKey = (key) => ({
  name: key.name,
  kind: 'f',
  columns: key.columns,
  target:
    key.target_schema === 'public' ? key.target_table : `${key.target_schema}.${key.target_table}`,
  target_columns: key.target_columns,
  on_delete: actions[key.on_delete],
  on_update: actions[key.on_update],
  deferred: key.deferred,
})

function constraintsOf(table) {
  const { primary_key, unique_keys, foreign_keys, checks } = table
  const keys = unique_keys.map((key) => plain(key.name, 'u', key.columns))
  if (primary_key.columns.length) keys.push(plain(primary_key.name, 'p', primary_key.columns))
  keys.push(...foreign_keys.map(foreignKey), ...checks.map((check) => plain(check.name, 'c', [])))
  return keys.sort(bySchemaAndName)
}

/** The same form of what `dunlin schema` prints. */
export function dunlinCatalogue(schema) {
  const ownTables = schema.tables.filter((table) => !['auth', 'realtime'].includes(table.schema))
  const tables = ownTables.map((table) => ({
    name: `${table.schema}.${table.name}`,
    kind: table.kind,
    comment: table.comment,
    row_security: table.row_security,
    columns: table.columns.map((column) => ({
      name: column.name,
      type: column.type,
      not_null: column.not_null,
      has_default: column.default !== '',
      is_generated: column.generated !== '',
      identity: column.identity,
      comment: column.comment,
    })),
    constraints: constraintsOf(table),
    indexes: table.indexes.toSorted(bySchemaAndName),
    policies: table.policies.toSorted(bySchemaAndName).map((policy) => ({
      name: policy.name,
      command: policy.command,
      permissive: policy.permissive,
      roles: policy.roles,
      has_using: policy.using !== '',
      has_check: policy.check !== '',
    })),
  }))
  const enums = schema.enums.map(({ schema: name, name: type, labels }) => ({
    name: `${name}.${type}`,
    labels,
  }))
  return { tables, enums }
}
