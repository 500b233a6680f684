//! Complaints by the million: opened, moved, queued by what is due next; escalated; reckoned anew.

use std::process::Command;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use system_tests::{Api, Build, System};

use super::load::{self, Figures};
use super::{Options, UNLIMITED, report};

/// Complaints made through the interface, of which all others are copies. One in ten is open.
const TEMPLATES: i64 = 1000;
const SMALL: i64 = 10_000;
/// More than any bench lasts.
const PATIENCE: Duration = Duration::from_secs(3600);

/// What was measured with so many complaints.
struct Stage {
    complaints: i64,
    loads: Vec<(&'static str, Figures)>,
    /// Open complaints a second whose clocks are reckoned anew after a change of the policy.
    reckoned: f64,
}

/// The section that tells the figures.
pub async fn section(build: &Build, options: &Options) -> Result<String, String> {
    let system = System::distributed_with(build, UNLIMITED).await;
    let api = system.api().clone();
    let database = system.database_url("complaints");
    api.post("/sla-policies", &policy(500_000, json!([]))).await;
    make_templates(&api).await;
    let mut stages = Vec::new();
    let mut escalations = 0.0;
    for complaints in [SMALL.min(options.complaints), options.complaints] {
        println!("complaints: {complaints}");
        multiply(&database, complaints)?;
        let mut loads = Vec::new();
        for (name, requests) in requests(&api).await? {
            println!("complaints: {name}");
            loads.push((name, load::requests(&api, options, |n| requests(&api, n)).await?));
        }
        let reckoned = reckon_anew(&api, &database, 400_000 + complaints % 7, json!([])).await?;
        stages.push(Stage { complaints, loads, reckoned });
        if complaints == options.complaints {
            escalations = escalate(&api, &database, options.seconds).await?;
        }
    }
    Ok(text(&stages, escalations))
}

type Request = Box<dyn Fn(&Api, usize) -> reqwest::RequestBuilder>;

async fn requests(api: &Api) -> Result<Vec<(&'static str, Request)>, String> {
    let open = api.try_get("/complaints?open=true&limit=200&sort=received_at").await?;
    let ids: Vec<String> = open["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item["id"].as_str())
        .map(str::to_owned)
        .collect();
    let open: Request = Box::new(|api, _| api.request(Method::POST, "/complaints").json(&complaint(3)));
    let answer: Request = Box::new(move |api, n| {
        let path = format!("/complaints/{}/responses", ids[n % ids.len()]);
        api.request(Method::POST, &path).json(&json!({"note_to_customer": "A technician is on the way."}))
    });
    let queue: Request = Box::new(|api, _| api.request(Method::GET, "/complaints?sort=next_due&limit=50"));
    let mine: Request =
        Box::new(|api, _| api.request(Method::GET, "/complaints?sort=next_due&limit=50&open=true&handler=wang.fang"));
    Ok(vec![
        ("open a complaint", open),
        ("answer one", answer),
        ("list 50 by next due", queue),
        ("list 50 of a handler by next due", mine),
    ])
}

fn complaint(severity: i64) -> Value {
    json!({"channel": "phone", "subject": "Line down", "severity": severity, "product": "Router", "handler": "wang.fang"})
}

/// Promises of so many minutes.
fn policy(minutes: i64, ladder: Value) -> Value {
    let target = json!({"minutes": minutes});
    json!({
        "name": "Bench", "ladder": ladder,
        "rows": [{"acknowledge": target, "first_response": target, "next_update": target, "resolution": target}],
    })
}

async fn make_templates(api: &Api) {
    let one = |n: i64| {
        let mut one = complaint(n % 4 + 1);
        if n % 10 != 0 {
            one["progress"] = json!({"state": "closed"});
        }
        one["handler"] = json!(if n % 100 == 0 { "wang.fang".to_owned() } else { format!("handler.{}", n % 37) });
        one
    };
    let complaints: Vec<Value> = (0..TEMPLATES).map(one).collect();
    api.post("/complaints/bulk", &json!({"complaints": complaints})).await;
}

/// Copies the templates, with everything that hangs on them, until there are so many; each copy is due a second later.
fn multiply(database: &str, complaints: i64) -> Result<(), String> {
    let (have, copies) = (query(database, "SELECT count(*) FROM complaints")? / TEMPLATES, complaints / TEMPLATES);
    if copies <= have {
        return Ok(());
    }
    let copy = |table: &str, changes: &str| {
        format!(
            "INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object({changes}))).* FROM {table} t \
             JOIN templates ON templates.id = t.{} CROSS JOIN generate_series({have}, {copies} - 1) g",
            if table == "complaints" { "id" } else { "complaint_id" }
        )
    };
    let of = "'complaint_id', md5(templates.id::text || g)::uuid";
    let mut statements = vec![
        "CREATE TABLE IF NOT EXISTS templates AS SELECT id FROM complaints".to_owned(),
        copy("complaints", "'id', md5(templates.id::text || g)::uuid, 'number', t.number || '-' || g"),
        copy("history", &format!("{of}, 'id', md5(t.id::text || g)::uuid")),
        copy("due_times", &format!("{of}, 'due_at', t.due_at + g * interval '1 second'")),
    ];
    statements.extend(["intakes", "clocks", "courses", "clock_ranks"].map(|table| copy(table, of)));
    statements.push("VACUUM ANALYZE".to_owned());
    statements.iter().try_for_each(|statement| psql(database, statement).map(drop))
}

async fn reckon_anew(api: &Api, database: &str, minutes: i64, ladder: Value) -> Result<f64, String> {
    println!("complaints: a new policy");
    let open = query(database, "SELECT count(DISTINCT complaint_id) FROM due_times WHERE stopped_at IS NULL")?;
    let begun = Instant::now();
    api.post("/sla-policies", &policy(minutes, ladder)).await;
    while query(database, "SELECT count(*) FROM clock_rebuilds WHERE NOT is_done")? > 0 {
        if begun.elapsed() > PATIENCE {
            return Err("the clocks are not reckoned anew".to_owned());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(per_second(open, begun.elapsed()))
}

/// Steps a second, when all open complaints have one that is due.
async fn escalate(api: &Api, database: &str, seconds: u64) -> Result<f64, String> {
    reckon_anew(api, database, 1, json!([{"percent": 100, "recipients": ["head"]}])).await?;
    println!("complaints: escalations");
    let count = || query(database, "SELECT count(*) FROM escalations");
    let (before, begun) = (count()?, Instant::now());
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    Ok(per_second(count()? - before, begun.elapsed()))
}

#[allow(clippy::cast_precision_loss)]
fn per_second(count: i64, elapsed: Duration) -> f64 {
    count as f64 / elapsed.as_secs_f64()
}

fn query(database: &str, sql: &str) -> Result<i64, String> {
    psql(database, sql)?.trim().parse().map_err(|error| format!("{sql}: {error}"))
}

fn psql(database: &str, sql: &str) -> Result<String, String> {
    let output = Command::new("psql").args(["-qAtX", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql]).output();
    let output = output.map_err(|error| format!("psql: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

fn text(stages: &[Stage], escalations: f64) -> String {
    let mut text =
        "## Complaints by the million\n\nPostgreSQL, through the gateway; one complaint in ten is open.\n\n".to_owned();
    text += "| complaints | what | requests/s | p50 | p99 |\n|---:|---|---:|---:|---:|\n";
    for Stage { complaints, loads, reckoned } in stages {
        for (name, figures) in loads {
            text += &format!("| {complaints} | {name} | {} |\n", report::cells(figures));
        }
        text += &format!("| {complaints} | reckon an open one anew after a new policy | {reckoned:.0} | | |\n");
    }
    text += &format!(
        "\nWith a step of escalation due on every clock of every open complaint, {escalations:.0} are taken a second.\n"
    );
    text
}
