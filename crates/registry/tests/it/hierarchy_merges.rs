//! Whatever is linked, merged and parted: on no day does anybody belong to itself or to two, and a merge undone at once leaves
//! every link as it was.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta, Utc};
use messaging::Act;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};
use registry_contract::Customer;
use serde_json::json;
use testkit::{App, Client, both};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::merges::{lines, merge, unmerge};
use crate::support::{at, named};

/// Each is some sixty requests.
const CASES: u32 = 6;
const CUSTOMERS: usize = 5;

/// Customers by their place, days from today on.
#[derive(Debug, Clone, Copy)]
enum Step {
    Link { child: usize, parent: usize, from: i64, length: Option<i64> },
    Merge { survivor: usize, merged: usize, and_back: bool },
    Unmerge { merged: usize },
}

fn steps() -> impl Strategy<Value = Step> {
    let (one, other) = (0..CUSTOMERS, 0..CUSTOMERS);
    let link = (one.clone(), other.clone(), -300..60_i64, prop::option::of(1..300_i64));
    let merge = (one.clone(), other, any::<bool>());
    prop_oneof![
        5 => link.prop_map(|(child, parent, from, length)| Step::Link { child, parent, from, length }),
        3 => merge.prop_map(|(survivor, merged, and_back)| Step::Merge { survivor, merged, and_back }),
        2 => one.prop_map(|merged| Step::Unmerge { merged }),
    ]
}

/// Every link, and whose customer is part of whose.
async fn places(app: &App) -> Vec<String> {
    let pg = "SELECT concat_ws(' ', id, child_id, parent_id, kind, from_day, until_day) AS line FROM customer_links
              UNION ALL SELECT concat_ws(' ', id, parent_id, merged_into) FROM customers ORDER BY 1";
    let lite = "SELECT hex(id) || hex(child_id) || hex(parent_id) || kind || from_day || ifnull(until_day, '') AS line
                FROM customer_links
                UNION ALL SELECT hex(id) || ifnull(hex(parent_id), '') || ifnull(hex(merged_into), '') FROM customers
                ORDER BY 1";
    lines(&app.db, pg.to_owned(), lite.to_owned()).await
}

struct Held {
    child: String,
    parent: String,
    from: NaiveDate,
    until: Option<NaiveDate>,
}

async fn held(app: &App) -> Vec<Held> {
    let pg = "SELECT child_id::text || ' ' || parent_id::text || ' ' || from_day::text || ' ' || coalesce(until_day::text, '')
              AS line FROM customer_links";
    let lite =
        "SELECT hex(child_id) || ' ' || hex(parent_id) || ' ' || from_day || ' ' || ifnull(until_day, '') AS line
                FROM customer_links";
    let parse = |line: String| {
        let parts: Vec<_> = line.split(' ').map(str::to_owned).collect();
        let [child, parent, from, until] = <[String; 4]>::try_from(parts).expect("a link");
        Held { child, parent, from: from.parse().expect("a day"), until: until.parse().ok() }
    };
    lines(&app.db, pg.to_owned(), lite.to_owned()).await.into_iter().map(parse).collect()
}

/// What is wrong on any day.
async fn unsound(app: &App) -> Vec<String> {
    let links = held(app).await;
    let merged = lines(
        &app.db,
        "SELECT id::text AS line FROM customers WHERE merged_into IS NOT NULL".to_owned(),
        "SELECT hex(id) AS line FROM customers WHERE merged_into IS NOT NULL".to_owned(),
    )
    .await;
    let merged: BTreeSet<String> = merged.into_iter().collect();
    let days: BTreeSet<NaiveDate> = links.iter().flat_map(|link| [Some(link.from), link.until]).flatten().collect();
    let mut wrong = Vec::new();
    for day in days {
        let mut above: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for link in links.iter().filter(|link| link.from <= day && link.until.is_none_or(|until| day < until)) {
            above.entry(&link.child).or_default().push(&link.parent);
        }
        for (child, parents) in above.iter().filter(|(child, _)| !merged.contains(**child)) {
            if parents.len() > 1 {
                wrong.push(format!("{child} belongs to two on {day}"));
            }
            let mut at = parents[0];
            for _ in 0..=links.len() {
                if at == *child {
                    wrong.push(format!("{child} belongs to itself on {day}"));
                    break;
                }
                match above.get(at) {
                    Some(next) => at = next[0],
                    None => break,
                }
            }
        }
    }
    wrong
}

async fn take(app: &App, client: &Client, all: &[Customer], step: Step) -> TestCaseResult {
    let today = Utc::now().date_naive();
    let status = match step {
        Step::Link { child, parent, from, length } => {
            let from = today + TimeDelta::days(from);
            let until = length.map(|length| from + TimeDelta::days(length));
            let link = json!({ "parent_id": all[parent].id, "from": from, "until": until });
            client.post(&format!("{}/links", at(&all[child])), &link).await.status
        }
        Step::Merge { survivor, merged, and_back } => {
            let before = places(app).await;
            let body = json!({ "merged_id": all[merged].id });
            let done = merge(client, &all[survivor], "*", body).await.status;
            if done == 201 && and_back {
                let sound = unsound(app).await;
                prop_assert_eq!(sound, Vec::<String>::new(), "merged");
                unmerge(client, &all[merged]).await.expect(200);
                prop_assert_eq!(places(app).await, before);
            }
            done
        }
        Step::Unmerge { merged } => unmerge(client, &all[merged]).await.status,
    };
    prop_assert!([200, 201, 409, 422].contains(&status), "{step:?}: {status}");
    prop_assert_eq!(unsound(app).await, Vec::<String>::new(), "{:?}", step);
    let settled = registry::settle_hierarchy(&app.context().db, &Act::system(Utc::now())).await.expect("settled");
    prop_assert_eq!(settled, 0, "every parent is today's after {:?}", step);
    Ok(())
}

async fn live(app: &App, client: &Client, steps: Vec<Step>) -> TestCaseResult {
    let mut all = Vec::new();
    for number in 0..CUSTOMERS {
        all.push(named(client, &format!("Acme {number}")).await);
    }
    for step in steps {
        take(app, client, &all, step).await?;
    }
    for merged in (0..CUSTOMERS).chain(0..CUSTOMERS) {
        take(app, client, &all, Step::Unmerge { merged }).await?;
    }
    Ok(())
}

both! {
    async fn a_hierarchy_stays_one_whatever_is_merged(db: TestDb) {
        let app = App::start(&registry::SERVICE, db).await;
        let client = app.client(&["customers:read", "customers:write", "customers:merge"]);
        let config = Config { cases: CASES, failure_persistence: None, max_shrink_iters: 64, ..Config::default() };
        let cases = prop::collection::vec(steps(), 4..16);
        block_in_place(|| {
            let life = |steps| Handle::current().block_on(live(&app, &client, steps));
            TestRunner::new(config).run(&cases, life).unwrap_or_else(|failure| panic!("{failure}"));
        });
    }
}
