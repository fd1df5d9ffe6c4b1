// Logs in with npm's xen-api, watches, changes, and prints what it saw as one JSON line.
// Arguments: the package's entry module, transport, URL, user, password.
const [entry, transport, url, user, password] = process.argv.slice(2)
const { createClient } = await import(entry)

const xapi = createClient({ url, transport, allowUnauthorized: true, auth: { user, password } })
const seen = []
const tell = kind => objects => Object.values(objects).forEach(each => each && seen.push([kind, each.$type, each.name_label]))
xapi.objects.on('add', tell('add'))
xapi.objects.on('update', tell('update'))
xapi.objects.on('remove', objects => Object.keys(objects).forEach(ref => seen.push(['remove', ref])))

const until = async (what, test) => {
  for (let left = 400; left > 0; left--) {
    if (test()) return
    await new Promise(resolve => setTimeout(resolve, 25))
  }
  throw new Error(`never saw ${what}`)
}

await xapi.connect()
await xapi.objectsFetched
const hosts = Object.values(xapi.objects.all).filter(each => each.$type === 'host')
const network = await xapi.call('network.create', { name_label: 'from npm', other_config: {} })
await until('the new network', () => seen.some(each => each[0] === 'add' && each[2] === 'from npm'))
await xapi.call('network.set_name_label', network, 'renamed')
await until('its new name', () => seen.some(each => each[0] === 'update' && each[2] === 'renamed'))
await xapi.call('network.set_name_description', network, 'changed before the barrier')
const behind = (await xapi.barrier(network)).name_description
await xapi.callAsync('network.destroy', network)
await until('its end', () => seen.some(each => each[0] === 'remove'))
let refusal
try {
  await xapi.call('host.get_by_uuid', 'none')
} catch (error) {
  refusal = [error.code, ...error.params]
}
await xapi.disconnect()
console.log(JSON.stringify({ pool: xapi.pool?.$type, hosts: hosts.map(each => each.address), behind, refusal }))
process.exit(0)
