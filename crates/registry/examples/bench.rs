//! How long lists, searches and reads take on few and on many customers, on each database, asked of the service itself.
//! `cargo xtask bench --only registry` runs this and keeps the figures; they are JSON, one object a line.

use std::time::{Duration, Instant};

use chrono::Utc;
use clap::Parser;
use database::Backend;
use diesel_async::RunQueryDsl;
use messaging::Act;
use registry::domain::search::{fold, pinyin};
use registry_contract::{BulkMode, NewCustomer, Tier};
use serde_json::{Value, json};
use testkit::{App, Client, TestDb};

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

/// The customer of this number: three in four Chinese, most of tier C, each fifth with a phone of its own.
fn customer(number: usize) -> NewCustomer {
    let mut dice = Dice(number as u64);
    let name = if dice.below(4) > 0 {
        let own: String = (0..2 + dice.below(2)).map(|_| dice.one(CHARACTERS)).collect();
        format!("{}{own}{}{}", dice.one(REGIONS), dice.one(TRADES), dice.one(FORMS))
    } else {
        let own: String = (0..2 + dice.below(3)).map(|_| dice.one(SYLLABLES)).collect();
        let own = own[..1].to_uppercase() + &own[1..];
        format!("{own} {} {}", dice.one(LATIN_TRADES), dice.one(LATIN_FORMS))
    };
    let mut new = NewCustomer::named(name);
    new.tier = match dice.below(100) {
        0 => Tier::S,
        1..=4 => Tier::A,
        5..=24 => Tier::B,
        _ => Tier::C,
    };
    new.owner = Some(format!("owner-{}", dice.below(OWNERS)));
    new.country = Some("CN".into());
    new.phone = (dice.below(5) == 0).then(|| format!("+86 755 {:08}", dice.below(100_000_000)));
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
        (db, _) = App::start(&registry::SERVICE, db).await.stop().await;
        let mut filled = 0;
        for count in [few, options.customers] {
            eprintln!("{backend:?}: {count} customers");
            fill(&db, filled..count).await;
            filled = count;
            db = measure(backend, db, count, options.rounds).await;
        }
    }
}

/// By the product's own bulk creation. What it would tell others and compare afterwards is left out: it is not measured.
async fn fill(db: &TestDb, numbers: std::ops::Range<usize>) {
    let numbers: Vec<usize> = numbers.collect();
    for batch in numbers.chunks(BATCH) {
        let rows = batch.iter().map(|number| Ok(customer(*number))).collect();
        let done = registry::bulk_create_customers(db, &Act::system(Utc::now()), BulkMode::PerRow, rows).await;
        assert_eq!(done.expect("a database").failed, 0);
    }
    let last = match db.backend() {
        Backend::Postgres => "ANALYZE",
        Backend::Sqlite => "PRAGMA optimize",
    };
    for sql in ["DELETE FROM outbox", "DELETE FROM duplicate_queue", last] {
        let mut conn = db.read().await.expect("a connection");
        database::on!(conn, |c| diesel::sql_query(sql).execute(c).await).expect(sql);
    }
}

/// The service writes the search terms that are due when it starts.
async fn measure(backend: Backend, db: TestDb, count: usize, rounds: usize) -> TestDb {
    let app = App::start(&registry::SERVICE, db).await;
    let client = app.client(&["customers:read", "contacts:read"]);
    let page = client.get("/api/v1/customers?limit=200&sort=-updated_at").await.expect(200);
    let ids: Vec<&str> =
        page["items"].as_array().expect("items").iter().filter_map(|item| item["id"].as_str()).collect();
    let mut dice = Dice(7);
    for (name, mut path) in operations() {
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

fn operations() -> Vec<(&'static str, Path)> {
    let list = |filter: &'static str| -> Path { Box::new(move |_, _, _| format!("?limit=50{filter}")) };
    vec![
        ("read by id", Box::new(|dice, _, ids| format!("/{}", dice.one(ids)))),
        ("list 50 by name", list("")),
        ("list 50 of a tier", list("&tier=A")),
        ("list 50 of an owner", Box::new(|dice, _, _| format!("?limit=50&owner=owner-{}", dice.below(OWNERS)))),
        ("list 50 last changed", list("&sort=-updated_at")),
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
        let text = spell(customer(dice.below(count)).name);
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
