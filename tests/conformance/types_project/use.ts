// How an application uses the generated types. The test compiles this file: what must not compile says so.

import { createClient as createLive } from '@dunlin/client'
import { createClient } from '@supabase/supabase-js'
import type {
  Constants,
  Database,
  Enums,
  Json,
  Tables,
  TablesInsert,
  TablesUpdate,
} from './database.types'

const client = createClient<Database>('http://localhost', 'key')
const live = createLive<Database>('http://localhost', 'key')

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function check<_Proof extends true>(): void {}

type Product = Tables<'products'>
check<Equal<Product['id'], number>>()
check<Equal<Product['price'], number | null>>()
check<Equal<Product['tags'], string[]>>()
check<Equal<Product['details'], Json | null>>()
check<Equal<Product['mood'], 'sad' | 'ok' | 'very happy'>>()
check<Equal<Product['moods'], Enums<'mood'>[] | null>>()
check<Equal<Product['is_new'], boolean | null>>()
check<Equal<Product['added_at'], string>>()
check<Equal<Tables<'manuals'>['body'], string | null>>()
check<Equal<Tables<'makers'>['display name'], string | null>>()
check<Equal<Tables<'shown_products'>['name'], string | null>>()
check<Equal<Tables<{ schema: 'stats' }, 'visits'>['unit'], 'day' | 'week'>>()
check<Equal<Enums<{ schema: 'stats' }, 'unit'>, 'day' | 'week'>>()
check<Equal<(typeof Constants)['public']['Enums']['mood'][2], 'very happy'>>()

const shortest: TablesInsert<'products'> = { maker_id: 1, name: 'Tea' }
const withId: TablesInsert<'products'> = {
  ...shortest,
  id: 5,
  mood: 'sad',
  details: { a: [1, null] },
}
const update: TablesUpdate<'products'> = { price: null }
// @ts-expect-error a name is needed
const nameless: TablesInsert<'products'> = { maker_id: 1 }
// @ts-expect-error generated columns are never given
const generated: TablesInsert<'products'> = { ...shortest, label: 'x' }
// @ts-expect-error an identity that is always generated is never given
const identity: TablesInsert<'makers'> = { id: 1, name: 'x' }
// @ts-expect-error no such mood
const angry: TablesUpdate<'products'> = { mood: 'angry' }
// @ts-expect-error the name may not be null
const unnamed: TablesUpdate<'products'> = { name: null }
// @ts-expect-error no such table
type Missing = Tables<'nothing'>
// @ts-expect-error views are not written
type ViewInsert = TablesInsert<'shown_products'>

export async function reads() {
  const { data: rows } = await client.from('products').select('name, makers(name), manuals(body)')
  for (const row of rows ?? []) {
    check<Equal<typeof row.makers, { name: string }>>()
    check<Equal<typeof row.manuals, { body: string | null } | null>>()
  }
  const { data: makers } = await client.from('makers').select('name, products(name)')
  for (const maker of makers ?? []) check<Equal<typeof maker.products, { name: string }[]>>()
  const { data: named } = await client.from('products').select('full_name')
  check<Equal<NonNullable<typeof named>[number]['full_name'], string | null>>()
  // @ts-expect-error no such table
  client.from('nothing')
  // @ts-expect-error no such column
  client.from('products').select('name').eq('nothing', 1)
  // @ts-expect-error stock is a number
  await client.from('products').update({ stock: 'many' })
  await client.schema('stats').from('visits').insert({ unit: 'day' })
}

export async function calls() {
  const { data: count } = await client.rpc('count_products')
  check<Equal<typeof count, number | null>>()
  await client.rpc('count_products', { minimum: 1 })
  const { data: cheap } = await client.rpc('cheap_products', { below: 3 })
  check<Equal<NonNullable<typeof cheap>[number]['name'], string>>()
  const { data: stock } = await client.rpc('stock_by_maker')
  check<Equal<typeof stock, { maker_id: number; total: number }[] | null>>()
  const { data: nothing } = await client.rpc('forget_stock', { product: 1 })
  check<Equal<typeof nothing, undefined | null>>()
  // @ts-expect-error triggers are not called
  client.rpc('touch')
  // @ts-expect-error the parameter is a number
  client.rpc('forget_stock', { product: 'x' })
}

export function lives() {
  const described = live.live({ table: 'products', order: 'name' }).getSnapshot()
  check<Equal<(typeof described.rows)[number]['stock'], number>>()
  const built = live.live(live.from('products').select('name, stock')).getSnapshot()
  check<Equal<(typeof built.rows)[number], { name: string; stock: number }>>()
  // @ts-expect-error no such table
  live.live({ table: 'nothing' })
}

export const uses = [withId, update, nameless, generated, identity, angry, unnamed]
export type Unused = [Missing, ViewInsert]
