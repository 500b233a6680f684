use database::{Conn, Db, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures::FutureExt;
use tokio::sync::Notify;

use crate::{both, setup::things, types::thing};

async fn count(db: &Db) -> i64 {
    counted(&mut db.read().await.unwrap()).await
}

async fn counted(conn: &mut Conn) -> i64 {
    on!(conn, |c| things::table.count().get_result(c).await).unwrap()
}

async fn add(db: &Db, rank: i64) {
    let mut tx = db.begin().await.unwrap();
    on!(tx, |c| diesel::insert_into(things::table).values(thing(&format!("thing {rank}"), rank)).execute(c).await)
        .unwrap();
    tx.commit().await.unwrap();
}

both!(dropped_without_commit_is_rolled_back, |db| {
    for round in 0..20 {
        let mut tx = db.begin().await.unwrap();
        on!(tx, |c| diesel::insert_into(things::table).values(thing("x", round)).execute(c).await).unwrap();
        drop(tx);
    }
    assert_eq!(count(db).await, 0);
});

both!(commits_are_told, |db| {
    let mut commits = db.commits();
    let tx = db.begin().await.unwrap();
    assert!(!commits.has_changed().unwrap());
    tx.commit().await.unwrap();
    assert!(commits.has_changed().unwrap());
    commits.mark_unchanged();
    drop(db.begin().await.unwrap());
    assert!(!commits.has_changed().unwrap());
});

/// Kept from whoever is to be in the middle of a statement on PostgreSQL.
const HOLD: &str = "SELECT pg_advisory_lock(1)";
const WANT: &str = "SELECT pg_advisory_xact_lock(1)";
const FREE: &str = "SELECT pg_advisory_unlock(1)";
const WAITING: &str = "SELECT 1 FROM pg_locks JOIN pg_database d ON d.oid = database \
                       WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted";

async fn hold(holder: &mut Conn) {
    on!(holder, pg: |c| diesel::sql_query(HOLD).execute(c).await, lite: |_c| Ok(0)).unwrap();
}

async fn let_go(holder: &mut Conn) {
    on!(holder, pg: |c| diesel::sql_query(FREE).execute(c).await, lite: |_c| Ok(0)).unwrap();
}

/// Never ends while another one holds on.
async fn get_stuck(conn: &mut Conn) {
    on!(conn,
        pg: |c| diesel::sql_query(WANT).execute(c).await,
        lite: |_c| { futures::future::pending::<()>().await; Ok(0) },
    )
    .unwrap();
}

/// Until another one is stuck; on SQLite it is as soon as it is about to.
async fn is_stuck(holder: &mut Conn, about_to: &Notify) {
    on!(holder,
        pg: |c| { while diesel::sql_query(WAITING).execute(c).await? == 0 {} Ok(()) },
        lite: |_c| { about_to.notified().await; Ok(()) },
    )
    .unwrap();
}

both!(a_future_dropped_in_the_middle_leaves_no_open_transaction, |db| {
    let mut holder = db.read().await.unwrap();
    for _ in 0..12 {
        hold(&mut holder).await;
        let inserted = Notify::new();
        let work = async {
            let mut tx = db.begin().await.unwrap();
            on!(tx, |c| diesel::insert_into(things::table).values(thing("half", 1)).execute(c).await).unwrap();
            inserted.notify_one();
            get_stuck(&mut tx).await;
            tx.commit().await.unwrap();
        };
        tokio::select! {
            () = work => panic!("nobody let it go on"),
            () = is_stuck(&mut holder, &inserted) => {}
        }
        let_go(&mut holder).await;
    }
    drop(holder);
    let mut tx = db.begin().await.unwrap();
    on!(tx, |c| diesel::insert_into(things::table).values(thing("whole", 2)).execute(c).await).unwrap();
    tx.commit().await.unwrap();
    assert_eq!(count(db).await, 1);
});

both!(a_snapshot_shows_one_moment, |db| {
    add(db, 1).await;
    let mut snapshot = db.snapshot().await.unwrap();
    assert_eq!(counted(&mut snapshot).await, 1);
    add(db, 2).await;
    assert_eq!((counted(&mut snapshot).await, count(db).await), (1, 2));
});

both!(a_snapshot_ends_when_it_is_dropped, |db| {
    // More often than there are connections.
    for rank in 0..20 {
        let mut snapshot = db.snapshot().await.unwrap();
        assert_eq!(counted(&mut snapshot).await, rank);
        drop(snapshot);
        add(db, rank).await;
    }
    let commits = db.commits();
    drop(db.snapshot().await.unwrap());
    assert!(!commits.has_changed().unwrap(), "nothing was written");
});

both!(a_snapshot_dropped_in_the_middle_is_not_seen_again, |db| {
    let mut holder = db.read().await.unwrap();
    for rank in 0..12 {
        hold(&mut holder).await;
        let begun = Notify::new();
        let work = async {
            let mut snapshot = db.snapshot().await.unwrap();
            assert_eq!(counted(&mut snapshot).await, rank);
            begun.notify_one();
            get_stuck(&mut snapshot).await;
        };
        tokio::select! {
            () = work => panic!("nobody let it go on"),
            () = is_stuck(&mut holder, &begun) => {}
        }
        let_go(&mut holder).await;
        add(db, rank).await;
    }
});

both!(writers_in_parallel_all_get_through, |db| {
    let writers = (0..40).map(|n| async move {
        let mut tx = db.begin().await.unwrap();
        on!(tx, |c| diesel::insert_into(things::table).values(thing(&format!("w{n}"), n)).execute(c).await).unwrap();
        tx.commit().await.unwrap();
    });
    futures::future::join_all(writers).await;
    assert_eq!(count(db).await, 40);
});

both!(migrating_twice_at_once_is_harmless, |db| {
    let again = || db.migrate(vec![database::migrations()]).map(Result::unwrap);
    tokio::join!(again(), again());
});

both!(offloaded_work_answers, |db| {
    let counted = db.offload(|db| async move { Ok(count(&db).await) }).await.unwrap();
    assert_eq!(counted, 0);
});

#[tokio::test]
async fn an_unreachable_server_is_unavailable() {
    let db = Db::open("postgres://nobody@127.0.0.1:1/none", database::Options::default()).unwrap();
    assert!(matches!(db.ping().await, Err(database::Error::Unavailable(_))));
    assert!(Db::open("mysql://x", database::Options::default()).is_err());
}

#[tokio::test]
async fn a_deadlock_is_a_conflict() {
    async fn lock(tx: &mut database::Tx, number: i32) -> database::Result<usize> {
        let sql = format!("SELECT pg_advisory_xact_lock({number})");
        on!(tx, |c| diesel::sql_query(sql).execute(c).await)
    }
    let test = crate::setup::TestDb::postgres().await;
    let (mut one, mut other) = (test.db.begin().await.unwrap(), test.db.begin().await.unwrap());
    for tx in [&mut one, &mut other] {
        on!(tx, |c| diesel::sql_query("SET LOCAL deadlock_timeout = '20ms'").execute(c).await).unwrap();
    }
    lock(&mut one, 1).await.unwrap();
    lock(&mut other, 2).await.unwrap();
    // Who is told of the deadlock must let go of the other.
    let cross = |mut tx: database::Tx, number| async move { lock(&mut tx, number).await };
    let outcomes = tokio::join!(cross(one, 2), cross(other, 1));
    assert!(
        matches!(outcomes, (Err(database::Error::Conflict(_)), Ok(_)) | (Ok(_), Err(database::Error::Conflict(_)))),
        "{outcomes:?}"
    );
    test.drop_database().await;
}
