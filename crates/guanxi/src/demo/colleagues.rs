//! Our own people of the demo, as users who may log in once somebody gives them a password, and as employees.

use std::collections::HashMap;

use gateway::v1::{User, UserId};
use serde_json::{Value, json};
use wire::Page;

use super::DemoError;
use super::names::{COLLEAGUES, Desk};
use crate::credentials::Login;
use crate::inside::Inside;

/// The top of the reporting tree.
const HEAD: &str = "chen.guoan";

/// Makes those users that are missing; returns everyone's id.
pub async fn admit(inside: &Inside<'_>) -> Result<HashMap<String, UserId>, DemoError> {
    let there: Page<User> = inside.get("/api/v1/users?limit=200").await?;
    let mut ids: HashMap<String, UserId> = there.items.into_iter().map(|user| (user.login, user.id)).collect();
    for &(login, name, desk) in COLLEAGUES {
        if !ids.contains_key(login) {
            let password = Login::random(login)?.password;
            let new = json!({"login": login, "display_name": name, "password": password, "roles": [role(desk)]});
            let user: User = inside.post("/api/v1/users", &new).await?;
            ids.insert(user.login, user.id);
        }
    }
    employ(inside).await?;
    Ok(ids)
}

/// The same people as employees, by the codes that customers' owners are written with. Known ones stay as they are.
async fn employ(inside: &Inside<'_>) -> Result<(), DemoError> {
    let employees: Vec<Value> = COLLEAGUES
        .iter()
        .map(|&(login, name, desk)| {
            json!({
                "code": login, "name": name, "rank": if desk == Desk::Management { 2 } else { 4 },
                "manager": manager(login, desk), "active_from": "2018-01-01",
            })
        })
        .collect();
    inside.post::<_, Value>("/api/v1/employees/bulk", &json!({ "employees": employees })).await?;
    Ok(())
}

fn manager(login: &str, desk: Desk) -> Option<&'static str> {
    match desk {
        Desk::Management => (login != HEAD).then_some(HEAD),
        Desk::Home | Desk::Engineering | Desk::Complaints => Some("liang.hua"),
        Desk::Abroad => Some("helen.ford"),
    }
}

fn role(desk: Desk) -> &'static str {
    match desk {
        Desk::Home | Desk::Abroad | Desk::Engineering => "account_manager",
        Desk::Management => "manager",
        Desk::Complaints => "complaint_handler",
    }
}
