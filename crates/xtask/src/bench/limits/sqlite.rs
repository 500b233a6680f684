//! SQLite in a loop: one connection with the product's settings, every statement prepared once.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use diesel::{connection::SimpleConnection, insert_into, prelude::*};

use super::super::{
    Operation, Options,
    load::{Figures, Times},
};

// Of each table, the columns that the product fills in the requests of the bench.
diesel::table! {
    customers (id) {
        id -> Binary, code -> Text, name -> Text, kind -> Text, tier -> Text, lifecycle -> Text,
        industry -> Nullable<Text>, country -> Nullable<Text>, city -> Nullable<Text>, language -> Text,
        time_zone -> Text, currency -> Text, owner -> Nullable<Text>, sort_name -> Text, version -> BigInt, created_at -> BigInt, updated_at -> BigInt,
    }
}
diesel::table! {
    interactions (id) {
        id -> Binary, code -> Text, customer_id -> Binary, occurred_at -> BigInt, channel -> Text, means -> Text,
        subject -> Text, outcome -> BigInt, version -> BigInt, created_at -> BigInt, updated_at -> BigInt,
    }
}
diesel::table! {
    audit_entries (id) { id -> Binary, at -> BigInt, actor -> Text, action -> Text, resource -> Text, resource_id -> Binary, }
}
diesel::table! {
    outbox (position) { position -> BigInt, id -> Binary, event_type -> Text, body -> Text, created_at -> BigInt, }
}
diesel::table! {
    counters (name) { name -> Text, value -> BigInt, }
}

#[derive(Queryable)]
#[expect(dead_code, reason = "read as the product reads it, and shown to nobody")]
struct Customer {
    id: Vec<u8>,
    code: String,
    name: String,
    kind: String,
    tier: String,
    lifecycle: String,
    industry: Option<String>,
    country: Option<String>,
    city: Option<String>,
    language: String,
    time_zone: String,
    currency: String,
    owner: Option<String>,
    sort_name: String,
    version: i64,
    created_at: i64,
    updated_at: i64,
}

const PRAGMAS: &str =
    "PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;";
const NOW: i64 = 1_790_000_000_000_000;

pub fn of(file: &Path, operation: Operation, options: &Options) -> Result<Figures, String> {
    let mut conn = SqliteConnection::establish(&file.display().to_string()).map_err(|error| error.to_string())?;
    conn.batch_execute(PRAGMAS).map_err(|error| error.to_string())?;
    repeat(&mut conn, operation, Duration::from_secs(options.seconds)).map_err(|error| error.to_string())
}

fn repeat(conn: &mut SqliteConnection, operation: Operation, duration: Duration) -> QueryResult<Figures> {
    let known: Vec<Vec<u8>> = match operation {
        Operation::ReadCustomer => customers::table.select(customers::id).limit(10_000).load(conn)?,
        Operation::CreateCustomer | Operation::ListCustomers | Operation::CreateInteraction => vec![fresh_id()],
    };
    let mut times = Times::default();
    let begun = Instant::now();
    for n in 0.. {
        if begun.elapsed() > duration {
            break;
        }
        let id = &known[n % known.len()];
        let started = Instant::now();
        match operation {
            Operation::CreateCustomer => conn.immediate_transaction(create_customer)?,
            Operation::ReadCustomer => drop(customers::table.filter(customers::id.eq(id)).load::<Customer>(conn)?),
            Operation::ListCustomers => {
                drop(customers::table.order((customers::sort_name, customers::id)).limit(51).load::<Customer>(conn)?);
            }
            Operation::CreateInteraction => conn.immediate_transaction(create_interaction)?,
        }
        times.note(started.elapsed());
    }
    Ok(times.figures_over(begun.elapsed()))
}

fn create_customer(conn: &mut SqliteConnection) -> QueryResult<()> {
    use customers::*;
    let (new, number) = (fresh_id(), next_number(conn, "customer_code")?);
    insert_into(table)
        .values((
            (id.eq(&new), code.eq(format!("B-{number}")), name.eq("Huaxing Telecom"), kind.eq("enterprise")),
            (tier.eq("B"), lifecycle.eq("prospect"), industry.eq("telecom"), country.eq("CN"), city.eq("Shenzhen")),
            (language.eq("zh-CN"), time_zone.eq("Asia/Shanghai"), currency.eq("CNY"), owner.eq("li.wei")),
            (sort_name.eq("huaxing telecom"), version.eq(1), created_at.eq(NOW), updated_at.eq(NOW)),
        ))
        .execute(conn)?;
    tell(conn, &new, "registry.customer.created.v1")
}

fn create_interaction(conn: &mut SqliteConnection) -> QueryResult<()> {
    use interactions::*;
    let (new, number) = (fresh_id(), next_number(conn, "interaction_code")?);
    insert_into(table)
        .values((
            (
                id.eq(&new),
                code.eq(format!("B-{number}")),
                customer_id.eq(&new),
                occurred_at.eq(NOW),
                channel.eq("call"),
            ),
            (means.eq("routine_visit"), subject.eq("Quarterly review"), outcome.eq(3), version.eq(1)),
            (created_at.eq(NOW), updated_at.eq(NOW)),
        ))
        .execute(conn)?;
    tell(conn, &new, "interactions.interaction.logged.v1")
}

/// The audit entry and the event that every change has.
fn tell(conn: &mut SqliteConnection, about: &[u8], what: &str) -> QueryResult<()> {
    let entry = (
        audit_entries::id.eq(fresh_id()),
        audit_entries::at.eq(NOW),
        audit_entries::actor.eq("system"),
        audit_entries::action.eq(what),
        audit_entries::resource.eq("bench"),
        audit_entries::resource_id.eq(about),
    );
    insert_into(audit_entries::table).values(entry).execute(conn)?;
    let event = (
        outbox::id.eq(fresh_id()),
        outbox::event_type.eq(what),
        outbox::body.eq("x".repeat(700)),
        outbox::created_at.eq(NOW),
    );
    insert_into(outbox::table).values(event).execute(conn)?;
    Ok(())
}

fn next_number(conn: &mut SqliteConnection, counter: &str) -> QueryResult<i64> {
    diesel::update(counters::table.find(counter))
        .set(counters::value.eq(counters::value + 1))
        .returning(counters::value)
        .get_result(conn)
}

fn fresh_id() -> Vec<u8> {
    uuid::Uuid::now_v7().as_bytes().to_vec()
}
