// Drives @opendatasoft/api-client against the portal: node api_client.mjs ADDRESS KEY
// Prints one JSON object: the name of each check → '' when it holds, else what was found.
import assert from 'node:assert/strict';
import pkg from '@opendatasoft/api-client';

const {
    ApiClient, AuthenticationError, NotFoundError, UserError, fromCatalog, fromDataNetwork,
    field, string, date, dateTime, dateFromIsoString, all, one, not, list, lower,
    textSearch, textStartWith, textSuggest, exactMatch,
} = pkg;
const [domain, apiKey] = process.argv.slice(2);
const client = new ApiClient({ domain });
const communes = fromCatalog().dataset('communes-du-gers');
const names = (page) => page.results.map((row) => row.nom);
const get = (query) => client.get(query);
const refused = async (query, kind, code, using = client) => {
    const error = await using.get(query).then(() => assert.fail('nothing was refused'), (found) => found);
    assert.ok(error instanceof kind, `${error.constructor.name}: ${error.message}`);
    assert.equal(error.details.error_code, code);
    assert.equal(typeof error.details.message, 'string');
    return error;
};

const checks = [];
function check(name, run) { checks.push([name, run]); }

check('a page of the catalogue', async () => {
    const page = await get(fromCatalog().datasets().limit(2));
    assert.equal(page.results.length, 2);
    assert.ok(page.total_count >= 6);
});
check('words in the catalogue', async () => {
    const page = await get(fromCatalog().datasets().where(textSearch("l'eau")).limit(2));
    assert.ok(Array.isArray(page.results));
    const found = await get(fromCatalog().datasets().where(textSearch('commune')));
    assert.ok(found.results.some((each) => each.dataset_id === 'communes-du-gers'));
});
check('one dataset', async () => {
    const dataset = await get(communes.itself());
    assert.equal(dataset.dataset_id, 'communes-du-gers');
    assert.equal(dataset.metas.default.title, 'Communes du Gers');
    assert.ok(dataset.fields.every((each) => each.name && each.label && each.type && each.annotations));
    assert.ok(dataset.features.includes('geo'));
});
check('the catalogue in another language', async () => {
    const dataset = await get(communes.itself().lang('en'));
    assert.equal(dataset.metas.default.title, 'Communes');
});
check('fields of the catalogue', async () => {
    const page = await get(fromCatalog().datasets().select(list('dataset_id', field('default.title'))).orderBy('dataset_id'));
    assert.deepEqual(Object.keys(page.results[0]), ['dataset_id', 'default.title']);
});
check('facets of the catalogue', async () => {
    const found = await get(fromCatalog().facets().facet('theme').facet('publisher'));
    assert.deepEqual(found.facets.map((each) => each.name).sort(), ['publisher', 'theme']);
});
check('refined catalogue', async () => {
    const page = await get(fromCatalog().datasets().refine('theme:Culture'));
    assert.deepEqual(page.results.map((each) => each.dataset_id), ['festivals']);
});
check('the catalogue as json', async () => {
    const found = await get(fromCatalog().export('json'));
    assert.ok(Array.isArray(found) && found.length >= 6);
});
check('the catalogue as data.json', async () => {
    const found = await get(fromCatalog().export('data.json'));
    assert.ok(found.dataset.length >= 6);
});
check('the data network is the catalogue', async () => {
    const page = await get(fromDataNetwork().datasets().limit(1));
    assert.ok(page.total_count >= 6);
});
check('the root of the catalogue', async () => {
    const root = await get(fromCatalog().itself());
    assert.ok(Array.isArray(root.links));
});
check('records', async () => {
    const page = await get(communes.records());
    assert.equal(page.results.length, 10);
    assert.equal(page.total_count, 127);
    assert.ok('geo_shape' in page.results[3], 'a null field is there');
});
check('groups', async () => {
    const page = await get(communes.records().select('count(*) as n').groupBy(field('canton')).orderBy('-n').limit(5));
    assert.deepEqual(page.results[0], { canton: 'Ailleurs', n: 120 });
});
check('groups in small letters', async () => {
    const page = await get(communes.records().select('count(*) as n').groupBy(lower(field('canton'))).limit(20));
    const keys = page.results.map((row) => Object.values(row)[0]);
    assert.ok(keys.includes('auch-1'), JSON.stringify(page.results));
});
check('one record by its identifier', async () => {
    const page = await get(communes.records().set('include_app_metas', 'true').limit(1));
    const record = await get(communes.record(page.results[0]._id));
    assert.equal(record.nom, page.results[0].nom);
});
check('equality between names and texts', async () => {
    const page = await get(communes.records().where(`${field('nom')} = ${string('Auch')}`).lang('fr').timezone('Europe/Paris'));
    assert.equal(page.total_count, 1);
    assert.equal(page.results[0].vu_le, '2024-05-17T10:30:00+02:00');
});
check('quotes of both kinds in a text', async () => {
    const page = await get(communes.records().where(exactMatch('nom', 'L\'"Îlot"; perdu')));
    assert.equal(page.total_count, 1);
});
check('a value that looks like a query', async () => {
    const page = await get(communes.records().where(exactMatch('nom', "Auch' OR 'a'='a")));
    assert.equal(page.total_count, 0);
});
check('control and foreign characters in a text', async () => {
    const page = await get(communes.records().where(exactMatch('nom', 'a\tb\nc\u2028d\ud83c\udf0d\\')));
    assert.equal(page.total_count, 0);
});
check('all, one and not', async () => {
    const where = all(one(exactMatch('nom', 'Auch'), exactMatch('nom', 'Condom')), not(exactMatch('canton', 'Auch-1')));
    assert.deepEqual(names(await get(communes.records().where(where))), ['Condom']);
});
check('conditions added to conditions', async () => {
    const query = communes.records().where('population > 1000').where((current) => all(current, 'population < 5000'));
    assert.deepEqual(names(await get(query)), ['Mirande']);
});
check('dates of a month', async () => {
    const page = await get(communes.records().where(`${field('maj')} = ${date({ year: 2024, month: 5 })}`));
    assert.deepEqual(names(page), ['Auch']);
});
check('dates of a day', async () => {
    const page = await get(communes.records().where(`maj >= ${dateFromIsoString('2024-05-17')}`));
    assert.deepEqual(names(page), ['Auch']);
});
check('instants to the millisecond', async () => {
    const at = new Date('2024-05-17T08:30:00.000Z');
    assert.deepEqual(names(await get(communes.records().where(`vu_le = ${dateTime(at)}`))), ['Auch']);
    assert.equal((await get(communes.records().where(`vu_le > ${dateTime(at)}`))).total_count, 0);
});
check('fuzzy search', async () => {
    assert.deepEqual(names(await get(communes.records().where(textSearch('mirende', ['nom'])))), ['Mirande']);
});
check('words that begin so', async () => {
    assert.deepEqual(names(await get(communes.records().where(textSuggest('aign', ['nom', 'canton'])))), ['Aignan']);
});
check('values that begin so', async () => {
    assert.deepEqual(names(await get(communes.records().where(textStartWith('Mir', ['nom'])))), ['Mirande']);
    assert.equal((await get(communes.records().where(textStartWith('mir', ['nom'])))).total_count, 0);
});
check('a page further on', async () => {
    const page = await get(communes.records().orderBy('code_insee').limit(5).offset(5));
    const moved = await get(communes.records().orderBy('code_insee').limit(5).offset((current) => current + 5));
    assert.equal(page.results.length, 5);
    assert.deepEqual(moved.results, page.results);
});
check('facets of records', async () => {
    const found = await get(communes.facets().facet('canton').refine('canton:Auch-1'));
    assert.deepEqual(found.facets[0].facets.map((each) => [each.name, each.count, each.state]), [['Auch-1', 3, 'refined']]);
});
check('refine with quotes, twice', async () => {
    const query = communes.records().facet('facet(name="canton", disjunctive=true)')
        .refine('canton:"Auch-1"').refine('canton:"Mirande-Astarac"').select('nom').limit(100);
    assert.deepEqual(names(await get(query)).sort(), ['Ansan', 'Antras', 'Auch', 'Mirande']);
});
check('exclude', async () => {
    const page = await get(communes.records().exclude('canton:Ailleurs').limit(0));
    assert.ok([6, 7].includes(page.total_count), String(page.total_count));
});
check('geojson', async () => {
    const found = await get(communes.export('geojson').limit(3));
    assert.equal(found.type, 'FeatureCollection');
    assert.equal(found.features.length, 3);
});
check('json', async () => {
    const found = await get(communes.export('json').select('nom').where('population > 5000'));
    assert.deepEqual(found, [{ nom: 'Auch' }, { nom: 'Condom' }]);
});
check('an address written by hand', async () => {
    const page = await get('/catalog/datasets/communes-du-gers/records/?limit=1&where=nom%3D%22Auch%22');
    assert.deepEqual(names(page), ['Auch']);
});
check('an API key', async () => {
    const page = await new ApiClient({ domain, apiKey }).get(communes.records().limit(1));
    assert.equal(page.results.length, 1);
});
check('a wrong API key', async () => {
    const using = new ApiClient({ domain, apiKey: 'wrong' });
    await refused(communes.records(), AuthenticationError, 'AuthenticationError', using);
});
check('headers and interceptors', async () => {
    let status = 0;
    const using = new ApiClient({
        domain,
        headers: { 'ODS-API-Analytics-App': 'tests' },
        interceptRequest: async (request) => new Request(request, { headers: { 'Accept-Language': 'en' } }),
        interceptResponse: async (response) => { status = response.status; return response.json(); },
    });
    const dataset = await using.get(communes.itself());
    assert.deepEqual([status, dataset.metas.default.title], [200, 'Communes']);
});
check('an unknown dataset', async () => {
    const error = await refused('catalog/datasets/nope/', NotFoundError, 'NotFoundResource');
    assert.match(error.details.message, /nope/);
});
check('an unknown path', async () => {
    await refused('catalog/nope/', NotFoundError, 'NotFoundURI');
});
check('a malformed clause', async () => {
    const error = await refused(communes.records().where('foo('), UserError, 'ODSQLSyntaxError');
    assert.match(error.details.message, /where/);
});
check('an unknown field', async () => {
    await refused(communes.records().select('populatoin'), UserError, 'ODSQLError');
});
check('a page too long', async () => {
    await refused(communes.records().limit(101), UserError, 'InvalidRESTParameterError');
});
check('a page too far', async () => {
    const error = await refused(communes.records().offset(9901).limit(100), UserError, 'InvalidRESTParameterError');
    assert.match(error.details.message, /offset \+ limit/);
});
check('an unknown format', async () => {
    await refused('catalog/datasets/communes-du-gers/exports/nope/', UserError, 'InvalidRESTParameterError');
});

const outcomes = {};
for (const [name, run] of checks) {
    outcomes[name] = await run().then(() => '', (error) => `${error.name}: ${error.message}`);
}
console.log(JSON.stringify(outcomes));
