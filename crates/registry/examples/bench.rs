//! How long lists, searches and reads take on few and on many customers, on each database, asked of the service itself.
//! `cargo xtask bench --only registry` runs this and keeps the figures; they are JSON, one object a line.

use std::time::{Duration, Instant};

use chrono::Utc;
use clap::Parser;
use database::Backend;
use diesel_async::RunQueryDsl;
use messaging::Act;
use registry::domain::search::{fold, pinyin};
use registry_contract::{BulkMode, CustomerId, CustomerKind, Identifier, IdentifierType, Lifecycle, NewCustomer, Tier};
use serde_json::{Value, json};
use testkit::{App, Client, TestDb};
use wire::ExternalId;

#[derive(Parser)]
struct Options {
    /// How many customers there are in the end; the first figures are taken with a hundredth of them, 10,000 at most
    #[arg(long, default_value_t = 1_000_000)]
    customers: usize,
    /// How often each thing is asked
    #[arg(long, default_value_t = 1_000)]
    rounds: usize,
    /// On which databases
    #[arg(long, value_delimiter = ',', default_values = ["sqlite", "postgres"])]
    on: Vec<String>,
}

const BATCH: usize = 1_000;
const OWNERS: usize = 200;
/// The first customers are heads of groups, each with one in fifty of the others shared among them.
const HEADS: usize = 100;
/// Industries that most customers have, and as many more as one customer in 20,000 has each.
const INDUSTRIES: &[&str] = &["银行", "通信", "制造", "医药", "能源", "物流", "零售", "农业"];
const RARE: usize = 100;
const INDUSTRY_CODES: &[&str] = &["gbt4754:I65", "gbt4754:C39", "gbt4754:J66", "gbt4754:G54", "isic:C"];
const REGION_CODES: &[&str] = &[
    "CN-BJ", "CN-SH", "CN-GD", "CN-ZJ", "CN-JS", "CN-SC", "CN-HB", "CN-SN", "CN-CQ", "CN-TJ", "CN-SD", "CN-HN",
    "CN-FJ", "CN-LN", "CN-AH", "CN-XZ",
];
const SEGMENTS: &[&str] = &["public", "private", "school", "hospital"];

const REGIONS: &[&str] = &[
    "北京",
    "上海",
    "广州",
    "深圳市",
    "杭州",
    "南京",
    "成都",
    "武汉",
    "西安",
    "重庆",
    "天津",
    "苏州",
    "青岛",
    "长沙",
    "厦门",
    "",
];
const CHARACTERS: &[&str] = &[
    "华", "中", "鑫", "盛", "恒", "瑞", "泰", "宏", "博", "远", "达", "天", "海", "金", "光", "新", "创", "智", "云",
    "信", "安", "联", "德", "美", "佳", "万", "科", "宝", "龙", "凯", "正", "东", "方", "长", "兴", "隆", "永", "嘉",
    "明", "康", "源", "通", "润", "丰",
];
const TRADES: &[&str] = &[
    "科技",
    "信息技术",
    "电子",
    "机械",
    "贸易",
    "医药",
    "能源",
    "环保",
    "物流",
    "食品",
    "建材",
    "软件",
    "通信",
    "银行",
    "重工",
];
const FORMS: &[&str] = &["有限公司", "股份有限公司", "集团有限公司", "集团"];
const SYLLABLES: &[&str] = &[
    "ac", "bel", "cor", "dan", "el", "far", "gen", "hol", "in", "jor", "kra", "lum", "mer", "nor", "os", "pra", "quin",
    "ros",
];
const LATIN_TRADES: &[&str] =
    &["Networks", "Systems", "Logistics", "Foods", "Energy", "Pharma", "Instruments", "Trading"];
const LATIN_FORMS: &[&str] = &["Ltd", "Inc.", "GmbH", "Co., Ltd.", "AG", "LLC"];

/// A sequence that is the same in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % limit as u64).expect("below a usize")
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

fn name(dice: &mut Dice) -> String {
    if dice.below(4) > 0 {
        let own: String = (0..2 + dice.below(2)).map(|_| dice.one(CHARACTERS)).collect();
        format!("{}{own}{}{}", dice.one(REGIONS), dice.one(TRADES), dice.one(FORMS))
    } else {
        let own: String = (0..2 + dice.below(3)).map(|_| dice.one(SYLLABLES)).collect();
        let own = own[..1].to_uppercase() + &own[1..];
        format!("{own} {} {}", dice.one(LATIN_TRADES), dice.one(LATIN_FORMS))
    }
}

/// The customer of this number: three in four Chinese, most of tier C, each fifth with a phone of its own. What lists are
/// filtered by is there with words that many have and words that few have.
fn customer(number: usize, heads: &[CustomerId]) -> NewCustomer {
    let mut dice = Dice(number as u64);
    let mut new = NewCustomer::named(name(&mut dice));
    new.tier = match dice.below(100) {
        0 => Tier::S,
        1..=4 => Tier::A,
        5..=24 => Tier::B,
        _ => Tier::C,
    };
    new.owner = Some(format!("owner-{}", dice.below(OWNERS)));
    new.country = Some("CN".into());
    new.phone = (dice.below(5) == 0).then(|| format!("+86 755 {:08}", dice.below(100_000_000)));
    new.kind = match dice.below(100) {
        0..=2 => CustomerKind::ChannelPartner,
        3..=9 => CustomerKind::Buyer,
        _ => CustomerKind::Enterprise,
    };
    if dice.below(50) == 0 {
        new.roles = vec![CustomerKind::Intermediary];
    }
    new.lifecycle = match dice.below(20) {
        0 => Lifecycle::Advocate,
        1..=4 => Lifecycle::Repeat,
        _ => Lifecycle::Prospect,
    };
    new.industry = Some(match dice.below(20_000 / RARE) {
        0 => format!("特种{}", dice.below(RARE)),
        _ => dice.one(INDUSTRIES).to_owned(),
    });
    new.industry_code = (dice.below(2) == 0).then(|| dice.one(INDUSTRY_CODES).to_owned());
    new.region_code = (dice.below(2) == 0).then(|| dice.one(REGION_CODES).to_owned());
    if dice.below(50) == 0 {
        let value = format!("{number:09}");
        new.identifiers = vec![Identifier { r#type: IdentifierType::Duns, scheme: None, value }];
    }
    if dice.below(4) == 0 {
        new.custom_fields.insert("segment".into(), json!(dice.one(SEGMENTS)));
        new.custom_fields.insert("beds".into(), json!(dice.below(10_000)));
    }
    if dice.below(4) == 0 {
        let system = if dice.below(100) == 0 { "odoo" } else { "sap" };
        new.external_ids = vec![ExternalId { system: system.into(), id: number.to_string() }];
    }
    new.parent_id = (number >= BATCH && dice.below(50) == 0).then(|| heads[dice.below(heads.len())]);
    new
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let few = (options.customers / 100).clamp(1, 10_000);
    for backend in [Backend::Sqlite, Backend::Postgres] {
        if !options.on.iter().any(|name| format!("{backend:?}").eq_ignore_ascii_case(name)) {
            continue;
        }
        let mut db = match backend {
            Backend::Sqlite => TestDb::sqlite(),
            Backend::Postgres => TestDb::postgres().await,
        };
        let app = App::start(&registry::SERVICE, db).await;
        define(&app.client(&["custom-fields:manage"])).await;
        db = app.stop().await.0;
        let (mut filled, mut heads) = (0, Vec::new());
        for count in [few, options.customers] {
            eprintln!("{backend:?}: {count} customers");
            fill(&db, filled..count, &mut heads).await;
            filled = count;
            db = measure(backend, db, count, options.rounds, &heads).await;
        }
    }
}

async fn define(client: &Client) {
    let choice = |value: &&str| json!({ "value": value, "label_en": value, "label_zh": value });
    let choices: Vec<Value> = SEGMENTS.iter().map(choice).collect();
    for (key, kind, rules) in [("segment", "choice", json!({ "choices": choices })), ("beds", "number", json!({}))] {
        let field = json!({ "key": key, "label_en": key, "label_zh": key, "type": kind, "rules": rules });
        client.post("/api/v1/custom-fields", &field).await.expect(201);
    }
}

/// By the product's own bulk creation. What it would tell others and compare afterwards is left out: it is not measured.
async fn fill(db: &TestDb, numbers: std::ops::Range<usize>, heads: &mut Vec<CustomerId>) {
    let numbers: Vec<usize> = numbers.collect();
    for batch in numbers.chunks(BATCH) {
        let rows = batch.iter().map(|number| Ok(customer(*number, heads))).collect();
        let done = registry::bulk_create_customers(db, &Act::system(Utc::now()), BulkMode::PerRow, rows).await;
        let done = done.expect("a database");
        assert_eq!(done.failed, 0, "{:?}", done.results.iter().find(|one| one.problem.is_some()));
        if heads.is_empty() {
            heads.extend(done.results.iter().take(HEADS).filter_map(|one| Some(one.customer.as_ref()?.id)));
        }
    }
    let last = match db.backend() {
        Backend::Postgres => "ANALYZE",
        Backend::Sqlite => "PRAGMA optimize",
    };
    let terms = "INSERT INTO search_queue SELECT id FROM customers WHERE true ON CONFLICT DO NOTHING";
    for sql in ["DELETE FROM outbox", "DELETE FROM arrivals", "DELETE FROM duplicate_queue", terms, last] {
        let mut conn = db.read().await.expect("a connection");
        database::on!(conn, |c| diesel::sql_query(sql).execute(c).await).expect(sql);
    }
}

/// The service writes the search terms that are due when it starts.
async fn measure(backend: Backend, db: TestDb, count: usize, rounds: usize, heads: &[CustomerId]) -> TestDb {
    let app = App::start(&registry::SERVICE, db).await;
    let client = app.client(&["customers:read", "contacts:read"]);
    let heads: Vec<String> = heads.iter().map(CustomerId::to_string).collect();
    let page = client.get("/api/v1/customers?limit=200&sort=-updated_at").await.expect(200);
    let ids: Vec<&str> =
        page["items"].as_array().expect("items").iter().filter_map(|item| item["id"].as_str()).collect();
    let mut dice = Dice(7);
    for (name, mut path) in operations(heads) {
        let mut times: Vec<Duration> = Vec::with_capacity(rounds);
        for round in 0..rounds + rounds / 10 {
            let path = path(&mut dice, count, &ids);
            let time = timed(&client, &path).await;
            // What the first requests pay for is not what is measured.
            if round >= rounds / 10 {
                times.push(time);
            }
        }
        times.sort_unstable();
        let at = |percent: usize| u64::try_from(times[(times.len() - 1) * percent / 100].as_micros()).expect("short");
        let figures: Value = json!({
            "backend": format!("{backend:?}"), "customers": count, "operation": name, "p50": at(50), "p99": at(99),
        });
        println!("{figures}");
    }
    app.stop().await.0
}

async fn timed(client: &Client, path: &str) -> Duration {
    let begun = Instant::now();
    let answer = client.get(&format!("/api/v1/customers{path}")).await;
    let time = begun.elapsed();
    assert_eq!(answer.status, 200, "{path}: {answer}");
    time
}

type Path = Box<dyn FnMut(&mut Dice, usize, &[&str]) -> String>;

fn operations(heads: Vec<String>) -> Vec<(&'static str, Path)> {
    let list = |filter: &'static str| -> Path { Box::new(move |_, _, _| format!("?limit=50{filter}")) };
    vec![
        ("read by id", Box::new(|dice, _, ids| format!("/{}", dice.one(ids)))),
        ("list 50 by name", list("")),
        ("list 50 of a tier", list("&tier=A")),
        ("list 50 of an owner", Box::new(|dice, _, _| format!("?limit=50&owner=owner-{}", dice.below(OWNERS)))),
        ("list 50 last changed", list("&sort=-updated_at")),
        ("list 50 of a kind", list("&kind=channel_partner")),
        ("list 50 of a role", list("&role=intermediary")),
        ("list 50 of a stage", list("&lifecycle=advocate")),
        ("list 50 of an industry", list("&industry=%E9%93%B6%E8%A1%8C")),
        (
            "list 50 of a rare industry",
            Box::new(|dice, _, _| format!("?limit=50&industry={}", encoded(&format!("特种{}", dice.below(RARE))))),
        ),
        ("list 50 of an industry's section", list("&industry_code=gbt4754:I")),
        ("list 50 of a region", Box::new(|dice, _, _| format!("?limit=50&region_code={}", dice.one(REGION_CODES)))),
        ("list 50 of a tier, a region and a stage", list("&tier=A&region_code=CN-GD&lifecycle=repeat")),
        (
            "list by an identifier",
            Box::new(|dice, count, _| format!("?limit=50&identifier=duns:{:09}", dice.below(count))),
        ),
        (
            "list 50 of a parent",
            Box::new(move |dice, _, _| format!("?limit=50&parent_id={}", heads[dice.below(heads.len())])),
        ),
        ("list 50 by a custom choice", list("&custom.segment=hospital")),
        ("list 50 by a custom number", list("&custom.beds.gte=9900")),
        (
            "list 50 by a rare custom number",
            Box::new(|dice, _, _| format!("?limit=50&custom.beds={}", dice.below(10_000))),
        ),
        ("list 50 of a system", list("&external_system=sap")),
        ("list 50 of a rare system", list("&external_system=odoo")),
        ("list 50 that changed lately, by name", {
            let since = (Utc::now() - chrono::TimeDelta::hours(1)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
            Box::new(move |_, _, _| format!("?limit=50&updated_since={since}"))
        }),
        ("search as one types a name", typed(|name| name)),
        ("search as one types pinyin", typed(|name| spelled(&name).0)),
        ("search as one types initials", typed(|name| spelled(&name).1)),
        (
            "search by two words",
            Box::new(|dice, _, _| {
                format!("?limit=50&q={}%20{}", encoded(dice.one(TRADES)), encoded(dice.one(REGIONS)))
            }),
        ),
    ]
}

/// Some beginning, of one to eight letters, of what a random customer's name becomes.
fn typed(spell: fn(String) -> String) -> Path {
    Box::new(move |dice, count, _| {
        let text = spell(name(&mut Dice(dice.below(count) as u64)));
        let beginning: String = text.chars().take(1 + dice.below(8)).collect();
        format!("?limit=50&q={}", encoded(&beginning))
    })
}

fn spelled(name: &str) -> (String, String) {
    let chars: Vec<char> = fold(name).chars().collect();
    match pinyin::spellings(&chars).into_iter().next() {
        Some(spelling) => (spelling.full, spelling.initials),
        None => (name.to_owned(), name.to_owned()),
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
