//! What was made while two customers were one: what of it goes back with the merged one, and what is then of both.

use database::sql_types::{SqlId, SqlInstant};
use database::{Conn, Id, Instant, Result, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::MergeRow;
use super::merges::{id_text, numbered, part_named};

/// Rows that are about other rows: the part, and by which columns of theirs about rows of which parts.
const ABOUT: &[(&str, &[(&str, &str)])] = &[
    ("holdings", &[("contact_id", "contacts"), ("position_id", "positions")]),
    ("stance_readings", &[("contact_id", "contacts"), ("position_id", "positions")]),
    ("consent_entries", &[("contact_id", "contacts")]),
    ("chain_seats", &[("position_id", "positions")]),
    ("influences", &[("from_position", "positions"), ("to_position", "positions")]),
];

/// Rows of an opportunity's chain, by the columns that name positions.
const OF_CHAINS: &[(&str, &[&str])] = &[
    ("chain_seats", &["position_id"]),
    ("influences", &["from_position", "to_position"]),
    ("stance_readings", &["position_id"]),
];

/// Whether the row that a column names goes back with the merge `$1`.
fn goes_back(column: &str, part: &str, postgres: bool) -> String {
    let key = id_text(column, postgres);
    format!(
        "EXISTS (SELECT 1 FROM merge_moves AS noted
         WHERE noted.merge_id = $1 AND noted.part = '{part}' AND noted.row_key = {key})"
    )
}

/// No opportunity: the customer's own chain.
fn nil(postgres: bool) -> &'static str {
    if postgres { "'00000000-0000-0000-0000-000000000000'" } else { "zeroblob(16)" }
}

/// Chains that were begun since the merge, with nothing in them but what goes back.
fn new_chains(postgres: bool) -> String {
    let any = |(table, _): &(&str, &[&str])| {
        format!(
            "EXISTS (SELECT 1 FROM {table} AS it WHERE it.customer_id = $2 AND it.opportunity_id = this.opportunity_id)"
        )
    };
    let others = |(table, columns): &(&str, &[&str])| {
        let back: Vec<_> =
            columns.iter().map(|column| goes_back(&format!("it.{column}"), "positions", postgres)).collect();
        format!(
            "NOT EXISTS (SELECT 1 FROM {table} AS it WHERE it.customer_id = $2
             AND it.opportunity_id = this.opportunity_id AND NOT ({}))",
            back.join(" AND "),
        )
    };
    let any = OF_CHAINS.iter().map(any).collect::<Vec<_>>().join(" OR ");
    let others = OF_CHAINS.iter().map(others).collect::<Vec<_>>().join(" AND ");
    format!("this.id <> this.customer_id AND this.created_at >= $3 AND ({any}) AND {others}")
}

/// Rows that are about nothing but what goes back.
fn followers(part: &str, about: &[(&str, &str)], postgres: bool) -> String {
    let mut all: Vec<_> =
        about.iter().map(|(column, part)| goes_back(&format!("this.{column}"), part, postgres)).collect();
    if OF_CHAINS.iter().any(|(table, _)| *table == part) {
        let chain = goes_back("this.opportunity_id", "opportunity_chains", postgres);
        all.push(format!("(this.opportunity_id = {} OR {chain})", nil(postgres)));
    }
    all.push("$3 = $3".to_owned());
    all.join(" AND ")
}

/// Notes what was added to the survivor since and is about nothing but what goes back: it goes back too.
pub async fn note_followers(tx: &mut Tx, merge: &MergeRow) -> Result<()> {
    note(tx, merge, "opportunity_chains", new_chains).await?;
    for (part, about) in ABOUT {
        note(tx, merge, part, |postgres| followers(part, about, postgres)).await?;
    }
    Ok(())
}

async fn note(tx: &mut Tx, merge: &MergeRow, part: &str, which: impl Fn(bool) -> String) -> Result<()> {
    let part = part_named(part)?;
    let sql = |postgres: bool| {
        format!(
            "INSERT INTO merge_moves (merge_id, part, row_key)
             SELECT $1, '{}', {} FROM {} AS this WHERE this.customer_id = $2 AND {} ON CONFLICT DO NOTHING",
            part.name,
            part.key_sql(postgres),
            part.table,
            which(postgres),
        )
    };
    let (pg, lite) = (sql(true), numbered(&sql(false)));
    let (merge, survivor, since) = (merge.id, merge.survivor_id, merge.merged_at);
    on!(tx,
        pg: |c| diesel::sql_query(pg).bind::<SqlId, _>(merge).bind::<SqlId, _>(survivor).bind::<SqlInstant, _>(since).execute(c).await,
        lite: |c| diesel::sql_query(lite).bind::<SqlId, _>(merge).bind::<SqlId, _>(survivor).bind::<SqlInstant, _>(since).execute(c).await,
    )?;
    Ok(())
}

/// A table whose rows name rows of other tables, which are to be of the same customer.
struct Tie {
    table: &'static str,
    /// What tells a row from others, as far as ids do, the chain's opportunity the last.
    key: [&'static str; 3],
    /// Each column with the table of the rows that it names.
    to: &'static [(&'static str, &'static str)],
}

const TIES: &[Tie] = &[
    Tie { table: "positions", key: ["id", "reports_to", "id"], to: &[("reports_to", "positions")] },
    Tie {
        table: "holdings",
        key: ["id", "contact_id", "position_id"],
        to: &[("contact_id", "contacts"), ("position_id", "positions")],
    },
    Tie {
        table: "stance_readings",
        key: ["id", "position_id", "opportunity_id"],
        to: &[("contact_id", "contacts"), ("position_id", "positions"), ("opportunity_id", "decision_chains")],
    },
    Tie {
        table: "chain_seats",
        key: ["position_id", "position_id", "opportunity_id"],
        to: &[("position_id", "positions"), ("opportunity_id", "decision_chains")],
    },
    Tie {
        table: "influences",
        key: ["from_position", "to_position", "opportunity_id"],
        to: &[("from_position", "positions"), ("to_position", "positions"), ("opportunity_id", "decision_chains")],
    },
];

impl Tie {
    /// Which rows of `$1` and `$2` name one of another customer.
    fn crosses(&self) -> String {
        let elsewhere = |(column, table): &(&str, &str)| {
            format!(
                "EXISTS (SELECT 1 FROM {table} AS its WHERE its.id = this.{column}
                 AND its.customer_id <> this.customer_id)"
            )
        };
        let elsewhere = self.to.iter().map(elsewhere).collect::<Vec<_>>().join(" OR ");
        format!("(this.customer_id = $1 OR this.customer_id = $2) AND ({elsewhere})")
    }
}

/// A row of one customer that names one of another.
#[derive(Debug, Clone, Copy)]
pub struct Crossing {
    /// Its table.
    pub what: &'static str,
    pub customer: Id,
    /// Of a position: itself and whom it reports to. Of a holding: itself, contact, position. Of a reading: itself, position,
    /// opportunity. Of a seat in a chain: position, again, opportunity. Of influence: from, to, opportunity.
    pub ids: [Id; 3],
}

#[derive(QueryableByName)]
struct CrossingRow {
    #[diesel(sql_type = SqlId)]
    customer: Id,
    #[diesel(sql_type = SqlId)]
    one: Id,
    #[diesel(sql_type = SqlId)]
    two: Id,
    #[diesel(sql_type = SqlId)]
    three: Id,
}

/// All rows of the two customers that name one of another.
pub async fn crossings(conn: &mut Conn, (one, other): (Id, Id)) -> Result<Vec<Crossing>> {
    let mut all = Vec::new();
    for tie in TIES {
        let [a, b, c] = tie.key;
        let sql = format!(
            "SELECT this.customer_id AS customer, this.{a} AS one, this.{b} AS two, this.{c} AS three
             FROM {} AS this WHERE {} ORDER BY this.{a}, this.{b}, this.{c}",
            tie.table,
            tie.crosses(),
        );
        let lite = numbered(&sql);
        let rows: Vec<CrossingRow> = on!(conn,
            pg: |c| diesel::sql_query(sql).bind::<SqlId, _>(one).bind::<SqlId, _>(other).load(c).await,
            lite: |c| diesel::sql_query(lite).bind::<SqlId, _>(one).bind::<SqlId, _>(other).load(c).await,
        )?;
        let crossing = |CrossingRow { customer, one, two, three }: CrossingRow| Crossing {
            what: tie.table,
            customer,
            ids: [one, two, three],
        };
        all.extend(rows.into_iter().map(crossing));
    }
    Ok(all)
}

/// Cuts them: a position reports to nobody, and of the others the row is gone.
pub async fn cut_crossings(tx: &mut Tx, (one, other): (Id, Id), at: Instant) -> Result<()> {
    for tie in TIES {
        let crosses = tie.crosses();
        let sql = match tie.table {
            "positions" => format!(
                "UPDATE positions AS this SET reports_to = NULL, version = version + 1, updated_at = $3 WHERE {crosses}"
            ),
            table => format!("DELETE FROM {table} AS this WHERE {crosses} AND $3 = $3"),
        };
        let lite = numbered(&sql);
        on!(tx,
            pg: |c| diesel::sql_query(sql).bind::<SqlId, _>(one).bind::<SqlId, _>(other).bind::<SqlInstant, _>(at).execute(c).await,
            lite: |c| diesel::sql_query(lite).bind::<SqlId, _>(one).bind::<SqlId, _>(other).bind::<SqlInstant, _>(at).execute(c).await,
        )?;
    }
    Ok(())
}

/// Vendors of one customer that were the same as one of another are on their own again.
pub async fn part_vendors(tx: &mut Tx, (one, other): (Id, Id), at: Instant) -> Result<()> {
    const SQL: &str = "UPDATE vendors AS this SET same_as = NULL, version = version + 1, updated_at = $3
                       WHERE (this.customer_id = $1 OR this.customer_id = $2) AND EXISTS (
                           SELECT 1 FROM vendors AS twin
                           WHERE twin.id = this.same_as AND twin.customer_id <> this.customer_id
                       )";
    on!(tx,
        pg: |c| diesel::sql_query(SQL).bind::<SqlId, _>(one).bind::<SqlId, _>(other).bind::<SqlInstant, _>(at).execute(c).await,
        lite: |c| diesel::sql_query(numbered(SQL)).bind::<SqlId, _>(one).bind::<SqlId, _>(other).bind::<SqlInstant, _>(at).execute(c).await,
    )?;
    Ok(())
}
