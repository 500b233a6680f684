use chrono::{DateTime, TimeZone, Utc};
use database::{Error, Id, Instant, insert_all, next_number, next_numbers, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{both, setup::things};

#[derive(Clone, Debug, PartialEq, Queryable, Insertable, Selectable)]
#[diesel(table_name = things)]
pub struct Thing {
    pub id: Id,
    pub name: String,
    pub rank: i64,
    pub seen_at: Instant,
    pub extra: Option<Value>,
    pub open: bool,
}

pub fn thing(name: &str, rank: i64) -> Thing {
    let seen_at = Utc.timestamp_opt(1_700_000_000 + rank / 2, 123_456_789).unwrap();
    Thing {
        id: Uuid::now_v7().into(),
        name: name.into(),
        rank,
        seen_at: seen_at.into(),
        extra: Some(json!({"客户": ["a", 1, null]})),
        open: true,
    }
}

both!(a_row_reads_as_it_was_written, |db| {
    let row = thing("关系", 7);
    let mut tx = db.begin().await.unwrap();
    let returned: Thing = on!(tx, |c| diesel::insert_into(things::table).values(&row).get_result(c).await).unwrap();
    tx.commit().await.unwrap();
    assert_eq!(returned, row);

    let mut conn = db.read().await.unwrap();
    let read: Thing = on!(conn, |c| things::table.find(row.id).first(c).await).unwrap();
    assert_eq!(read, row);
    assert_eq!(DateTime::<Utc>::from(read.seen_at).timestamp_subsec_nanos(), 123_456_000);
    let before: i64 = on!(conn, |c| {
        things::table.filter(things::seen_at.lt(Instant::from(Utc::now()))).count().get_result(c).await
    })
    .unwrap();
    assert_eq!(before, 1);
});

both!(a_taken_value_is_named, |db| {
    let mut tx = db.begin().await.unwrap();
    for (name, free) in [("one", true), ("one", false)] {
        let done = on!(tx, |c| diesel::insert_into(things::table).values(thing(name, 1)).execute(c).await);
        match done {
            Ok(_) => assert!(free),
            Err(error) => assert!(!free && error.is_unique("name"), "{error:?}"),
        }
    }
});

both!(a_missing_row_is_not_found, |db| {
    let mut conn = db.read().await.unwrap();
    let missing = on!(conn, |c| things::table.find(Id::from(Uuid::now_v7())).first::<Thing>(c).await);
    assert!(matches!(missing, Err(Error::NotFound)));
});

both!(numbers_count_up, |db| {
    let mut seen = Vec::new();
    for _ in 0..3 {
        let mut tx = db.begin().await.unwrap();
        seen.push(next_number(&mut tx, "thing_code").await.unwrap());
        tx.commit().await.unwrap();
    }
    assert_eq!(seen, [1, 2, 3]);
    assert!(db.is_migrated(&[database::migrations()]).await.unwrap());
});

both!(many_rows_read_as_they_were_written, |db| {
    let rows: Vec<Thing> = (0..300).map(|rank| thing(&format!("关系 \"{rank}\"\n\\"), rank)).collect();
    let mut tx = db.begin().await.unwrap();
    assert_eq!(insert_all!(tx, things, Thing { id, name, rank, seen_at, extra, open }, rows.as_slice()).unwrap(), 300);
    assert_eq!(insert_all!(tx, things, Thing { id, name, rank, seen_at, extra, open }, &rows[..0]).unwrap(), 0);
    tx.commit().await.unwrap();
    let mut conn = db.read().await.unwrap();
    let read: Vec<Thing> = on!(conn, |c| things::table.order(things::rank).load(c).await).unwrap();
    assert_eq!(read, rows);
});

both!(numbers_taken_together_follow_those_taken_alone, |db| {
    let mut tx = db.begin().await.unwrap();
    let first = next_number(&mut tx, "thing_code").await.unwrap();
    assert_eq!(next_numbers(&mut tx, "thing_code", 3).await.unwrap(), [first + 1, first + 2, first + 3]);
    assert!(next_numbers(&mut tx, "thing_code", 0).await.unwrap().is_empty());
    assert_eq!(next_number(&mut tx, "thing_code").await.unwrap(), first + 4);
});
