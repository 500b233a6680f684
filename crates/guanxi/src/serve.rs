//! `guanxi serve`: opens the house, says how to get in, waits until it is asked to stop.

use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

use crate::cli::Serve;
use crate::credentials::Login;
use crate::demo::Demo;
use crate::house::House;

pub async fn run(order: Serve) -> Result<ExitCode, Box<dyn std::error::Error>> {
    // Listened to from the first moment on: a start that is interrupted must not leave half a file behind.
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let house = tokio::select! {
        house = House::open(&order) => house?,
        _ = interrupt.recv() => return Ok(ExitCode::FAILURE),
        _ = terminate.recv() => return Ok(ExitCode::FAILURE),
    };
    print!("{}", greeting(&house));
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    house.close().await;
    Ok(ExitCode::SUCCESS)
}

fn greeting(house: &House) -> String {
    let url = house.url();
    let how = match (house.demo(), house.administrator()) {
        (Some(demo), _) => of_demo(demo, &url),
        (None, Some(login)) => of_administrator(login, &url),
        (None, None) => String::new(),
    };
    format!("Guanxi (关系) serves at {url}; its interface is described at {url}/docs\n{how}Stop with Ctrl-C.\n")
}

fn of_administrator(Login { login, password }: &Login, url: &str) -> String {
    format!(
        "
  Administrator  {login}
  Password       {password}   (made just now, shown only this once)

Log in, and send the token as `Authorization: Bearer …`:

curl -s {url}/api/v1/sessions -H 'Content-Type: application/json' -d '{{\"login\":\"{login}\",\"password\":\"{password}\"}}'

"
    )
}

fn of_demo(demo: &Demo, url: &str) -> String {
    let Demo { administrator: Login { login, password }, api_key, strategic_customer, .. } = demo;
    format!(
        "
  Administrator  {login}
  Password       {password}
  API key        {api_key}

Everything about a strategic customer, what is still owed to complaining customers, a call to log:

curl -s {url}/api/v1/customers/{strategic_customer}/360 -H 'X-Api-Key: {api_key}'
curl -s '{url}/api/v1/complaints?open=true&sort=severity,received_at&limit=10' -H 'X-Api-Key: {api_key}'
curl -s {url}/api/v1/interactions -H 'X-Api-Key: {api_key}' -H 'Content-Type: application/json' -d '{{\"customer_id\":\"{strategic_customer}\",\"occurred_at\":\"'$(date -u +%FT%TZ)'\",\"channel\":\"call\",\"means\":\"routine_visit\",\"subject\":\"问候与近况\",\"outcome\":3}}'

"
    )
}
