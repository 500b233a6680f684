use chrono::{TimeDelta, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::system::{Caller, System, eventually};

fn id(thing: &Value) -> &str {
    thing["id"].as_str().expect("an id")
}

async fn score(caller: &Caller, customer: &str, good: impl Fn(&Value) -> bool) -> Value {
    eventually("the score has followed", || async {
        let answer = caller.send(Method::GET, &format!("/customers/{customer}/score"), None, &[]).await;
        (answer.status == StatusCode::OK && good(&answer.body)).then_some(answer.body)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relationship_from_first_contact_to_a_settled_complaint() {
    let data = tempfile::tempdir().expect("a folder");
    let System { house, caller } = System::start(data.path()).await;

    let customer =
        caller.post("/customers", json!({"name": "青岛远航物流有限公司", "tier": "A", "industry": "logistics"})).await;
    let customer_id = id(&customer);
    let position = caller
        .post(
            &format!("/customers/{customer_id}/positions"),
            json!({"title": "采购总监", "level": 2, "decision_role": "buyer", "vote_weight": 3}),
        )
        .await;
    let mut contacts = Vec::new();
    for name in ["林悦", "高远"] {
        contacts.push(caller.post("/contacts", json!({"customer_id": customer_id, "name": name})).await);
    }
    caller
        .post(
            &format!("/contacts/{}/holdings", id(&contacts[0])),
            json!({"position_id": id(&position), "from": "2026-01-05"}),
        )
        .await;

    let before = score(&caller, customer_id, |_| true).await;
    caller
        .post(
            "/interactions",
            json!({
                "customer_id": customer_id,
                "occurred_at": Utc::now() - TimeDelta::hours(3),
                "channel": "visit",
                "means": "technical_exchange",
                "subject": "智能仓储技术交流",
                "outcome": 4,
                "contact_ids": [id(&contacts[0]), id(&contacts[1])],
                "staff": ["lin.yue"],
            }),
        )
        .await;
    let warmer = score(&caller, customer_id, |score| score["inputs"]["interactions"] == 1).await;
    assert!(warmer["engagement"].as_i64() > before["engagement"].as_i64(), "{before} {warmer}");
    assert_eq!(warmer["inputs"]["people_met"], 2);

    let complaint = caller
        .post("/complaints", json!({"customer_id": customer["code"], "contact_id": id(&contacts[0]), "channel": "phone", "subject": "叉车调度系统停机", "severity": 2}))
        .await;
    let path = format!("/complaints/{}", complaint["number"].as_str().expect("a number"));
    let troubled = score(&caller, customer_id, |score| score["inputs"]["complaints_open"] == 1).await;

    caller.post(&format!("{path}/acknowledgement"), json!({})).await;
    caller.post(&format!("{path}/assessment"), json!({"handler": "xu.jing"})).await;
    caller.post(&format!("{path}/responses"), json!({"note_to_customer": "工程师已到场，今日恢复。"})).await;
    let resolved = caller.post(&format!("{path}/resolution"), json!({"resolution": "更换控制器并升级软件"})).await;
    assert_eq!(resolved["state"], "resolved");
    let settled = score(&caller, customer_id, |score| score["inputs"]["complaints_open"] == 0).await;
    assert_eq!(settled["inputs"]["complaints"], 1);
    assert!(settled["version"].as_i64() > troubled["version"].as_i64());

    let all = caller.get(&format!("/customers/{customer_id}/360")).await;
    assert_eq!(all["customer"]["code"], customer["code"]);
    assert_eq!(all["contacts"].as_array().map(Vec::len), Some(2));
    assert_eq!(all["positions"].as_array().map(Vec::len), Some(1));
    assert_eq!(all["interactions"][0]["subject"], "智能仓储技术交流");
    assert_eq!(all["complaints"][0]["state"], "resolved");
    assert_eq!(all["score"]["version"], settled["version"]);
    assert_eq!(all["unavailable"], json!([]));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_and_bad_input_get_problem_documents_and_change_nothing() {
    let data = tempfile::tempdir().expect("a folder");
    let System { house, caller } = System::start(data.path()).await;
    let stranger = Caller::new(&caller.url, "gx_00000000_nobody");
    let refused = stranger.send(Method::GET, "/customers", None, &[]).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.body["status"], 401);

    let wrong =
        caller.send(Method::POST, "/customers", Some(&json!({"name": "", "tier": "Z", "colour": "red"})), &[]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.body);
    assert!(wrong.body["errors"].as_array().is_some_and(|errors| errors.len() >= 3), "{}", wrong.body);
    assert_eq!(caller.count("/customers").await, 0);
    house.close().await;
}
