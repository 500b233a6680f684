use database::{Direction, Instant, PageRequest, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};

use crate::{
    both,
    setup::things,
    types::{Thing, thing},
};

fn after(row: &Thing, sort: &[(String, Direction)]) -> Vec<Value> {
    let value = |name: &str| match name {
        "name" => json!(row.name),
        "rank" => json!(row.rank),
        "seen_at" => json!(chrono::DateTime::<chrono::Utc>::from(row.seen_at)),
        other => panic!("no column {other}"),
    };
    let id: uuid::Uuid = row.id.get();
    sort.iter().map(|(name, _)| value(name)).chain([json!(id)]).collect()
}

both!(pages_follow_each_other_without_gap_or_repeat, |db| {
    let rows: Vec<Thing> = (0..23).map(|n| thing(&format!("n{:02}", (n * 7) % 23), n % 5)).collect();
    let mut tx = db.begin().await.unwrap();
    for row in &rows {
        on!(tx, |c| diesel::insert_into(things::table).values(row).execute(c).await).unwrap();
    }
    tx.commit().await.unwrap();

    use Direction::{Ascending, Descending};
    for sort in [
        vec![],
        vec![("name", Ascending)],
        vec![("rank", Descending), ("name", Ascending)],
        vec![("seen_at", Descending)],
        vec![("seen_at", Ascending), ("rank", Descending), ("name", Descending)],
    ] {
        let sort: Vec<(String, Direction)> = sort.into_iter().map(|(name, way)| (name.to_owned(), way)).collect();
        let load = async |after: Option<Vec<Value>>, limit: i64| -> Vec<Thing> {
            let page = PageRequest { limit, sort: sort.clone(), after, count: false };
            let mut conn = db.read().await.unwrap();
            on!(conn, |c| {
                let query = things::table.filter(things::open.eq(true)).into_boxed();
                keyset!(query, &page, things, {
                    "name" => name: String, "rank" => rank: i64, "seen_at" => seen_at: Instant,
                })
                .load(c)
                .await
            })
            .unwrap()
        };
        let whole = load(None, 100).await;
        assert_eq!(whole.len(), rows.len());
        let mut paged: Vec<Thing> = Vec::new();
        loop {
            let from = paged.last().map(|row| after(row, &sort));
            let mut page = load(from, 4).await;
            let more = page.len() == 5;
            page.truncate(4);
            paged.extend(page);
            if !more {
                break;
            }
        }
        assert_eq!(paged, whole, "{sort:?}");
    }
});
