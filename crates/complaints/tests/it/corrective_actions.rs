use chassis::Caller;
use complaints_contract::v1::{CORRECTIVE_ACTION_CHANGED, CorrectiveActionChanged};
use complaints_contract::{ActionState, Complaint, CorrectiveAction};
use reqwest::Method;
use reqwest::header::IF_MATCH;
use serde_json::{Value, json};
use testkit::{App, Client, both};

use crate::support::{PATH, grievance, open, redact, start, step, with};

const ACTIONS: &str = "/api/v1/corrective-actions";
const RULES: &str = "/api/v1/closure-rules";

fn colleague(app: &App) -> Client {
    let permissions = ["complaints:read", "complaints:handle", "complaints:manage"].map(str::to_owned).to_vec();
    app.client_as(Caller { id: "user:zhao".into(), name: "zhao.min".into(), roles: vec![], permissions })
}

fn action(text: &str) -> Value {
    json!({"kind": "corrective", "text": text, "owner": "wang.fang", "due": "2100-03-31"})
}

async fn take_up(client: &Client, complaint: &Complaint, body: &Value) -> CorrectiveAction {
    client.post(&format!("{PATH}/{}/corrective-actions", complaint.id), body).await.read(201)
}

async fn complete(client: &Client, action: &CorrectiveAction) -> CorrectiveAction {
    let body = json!({"evidence": "Change request 4711"});
    client.post(&format!("{ACTIONS}/{}/completion", action.id), &body).await.read(200)
}

async fn check(client: &Client, action: &CorrectiveAction, effective: bool) -> testkit::Answer {
    let body = json!({"effective": effective, "finding": "Four weeks without a failure"});
    client.post(&format!("{ACTIONS}/{}/effectiveness-check", action.id), &body).await
}

async fn rule(client: &Client, etag: &str, rules: &Value) -> testkit::Answer {
    client.send(client.request(Method::PUT, RULES).header(IF_MATCH, etag).json(rules)).await
}

async fn resolved(client: &Client, severity: i16) -> Complaint {
    let complaint = open(client, &with(grievance(), json!({"severity": severity}))).await;
    step(client, &complaint, "responses").await.expect(200);
    step(client, &complaint, "resolution").await.read(200)
}

both! {
    async fn an_action_is_done_by_one_and_judged_by_another(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(&[CORRECTIVE_ACTION_CHANGED]).await;
        let complaint = open(&client, &grievance()).await;
        let action = take_up(&client, &complaint, &action("Plan the cleaning of filters")).await;
        let early = check(&colleague(&app), &action, true).await;
        assert_eq!(early.problem(), (409, "action-step-not-allowed"));
        complete(&client, &action).await;
        assert_eq!(check(&client, &action, true).await.problem(), (409, "own-work"));
        let judged = check(&colleague(&app), &action, true).await;
        insta::assert_json_snapshot!(redact(judged.expect(200)), @r#"
        {
          "cause_id": null,
          "checked_at": "[time]",
          "checked_by": "user:zhao",
          "complaint_id": "[id]",
          "created_at": "[time]",
          "done_at": "[time]",
          "done_by": "user:0198a000-0000-7000-8000-000000000001",
          "due": "2100-03-31",
          "evidence": "Change request 4711",
          "finding": "Four weeks without a failure",
          "id": "[id]",
          "kind": "corrective",
          "owner": "wang.fang",
          "state": "effective",
          "text": "Plan the cleaning of filters",
          "updated_at": "[time]",
          "version": 3
        }
        "#);
        let again = client.post(&format!("{ACTIONS}/{}/cancellation", action.id), &json!({"reason": "?"})).await;
        assert_eq!(again.problem(), (409, "action-step-not-allowed"));

        app.drain_outbox().await;
        let told: Vec<_> =
            tap.events::<CorrectiveActionChanged>().await.into_iter().map(|event| (event.0.sequence, event.0.state)).collect();
        assert_eq!(told, [(1, ActionState::Open), (2, ActionState::Done), (3, ActionState::Effective)]);
    }

    async fn a_republication_tells_of_every_action(db: TestDb) {
        let (app, client) = start(db).await;
        let complaint = open(&client, &grievance()).await;
        let first = take_up(&client, &complaint, &action("Clean once")).await;
        complete(&client, &first).await;
        take_up(&client, &complaint, &action("Clean every month")).await;
        app.drain_outbox().await;
        let tap = app.bus.tap(&[CORRECTIVE_ACTION_CHANGED]).await;
        let republish = complaints::SERVICE.republish.expect("a republication");
        assert_eq!(republish(app.context().clone()).await.expect("told"), 3);
        app.drain_outbox().await;
        let mut told: Vec<_> =
            tap.events::<CorrectiveActionChanged>().await.into_iter().map(|event| (event.0.sequence, event.0.state)).collect();
        told.sort_unstable_by_key(|(sequence, _)| *sequence);
        assert_eq!(told, [(1, ActionState::Open), (2, ActionState::Done)]);
    }

    async fn owners_find_what_they_owe(db: TestDb) {
        let (_app, client) = start(db).await;
        let complaint = open(&client, &grievance()).await;
        for (owner, due) in [("zhao.min", "2100-05-01"), ("wang.fang", "2100-04-01"), ("zhao.min", "2100-03-01")] {
            take_up(&client, &complaint, &with(action("Do"), json!({"owner": owner, "due": due}))).await;
        }
        let list = client.get(&format!("{ACTIONS}?owner=zhao.min&state=open&due_before=2100-04-15")).await.expect(200);
        let dues: Vec<_> = list["items"].as_array().expect("items").iter().map(|action| &action["due"]).collect();
        assert_eq!(dues, ["2100-03-01"]);
        assert_eq!(client.count(&format!("{PATH}/{}/corrective-actions", complaint.number)).await, 3);
        let first: CorrectiveAction = serde_json::from_value(list["items"][0].clone()).expect("an action");
        let at = format!("{ACTIONS}/{}", first.id);
        let moved: CorrectiveAction = client.patch(&at, "\"1\"", &json!({"owner": "li.wei"})).await.read(200);
        assert_eq!((moved.owner.as_str(), moved.version), ("li.wei", 2));
        client.patch(&at, "\"1\"", &json!({"owner": "li.wei"})).await.expect(412);
        let refused = client.patch(&at, "*", &json!({"due": "2001-01-01", "text": " "})).await.expect(422);
        assert_eq!(refused["errors"].as_array().map(Vec::len), Some(2));
    }

    async fn where_the_rules_demand_it_a_complaint_closes_once_its_cause_is_cured(db: TestDb) {
        let (app, client) = start(db).await;
        let gravest = json!({"root_cause_to_severity": 1, "effective_action_to_severity": 1});
        rule(&colleague(&app), "*", &gravest).await.expect(200);
        let complaint = resolved(&client, 1).await;
        let refused = step(&client, &complaint, "closure").await;
        insta::assert_json_snapshot!(redact(refused.expect(409)), @r#"
        {
          "code": "closure-lacks",
          "detail": "the closure rules demand more before this complaint is closed",
          "errors": [
            {
              "code": "root-cause-missing",
              "message": "no cause is marked as the root",
              "pointer": ""
            },
            {
              "code": "effective-action-missing",
              "message": "no action against its cause was found effective",
              "pointer": ""
            }
          ],
          "instance": "/api/v1/complaints/[id]/closure",
          "status": 409,
          "title": "Closure lacks",
          "trace_id": "[trace]",
          "type": "/problems/closure-lacks"
        }
        "#);

        let root = json!({"category": "process", "text": "No maintenance plan", "state": "root"});
        client.post(&format!("{PATH}/{}/causes", complaint.id), &root).await.expect(201);
        let first = take_up(&client, &complaint, &action("Clean once")).await;
        complete(&client, &first).await;
        let demand = step(&client, &complaint, "closure").await.expect(409);
        assert_eq!(demand["errors"].as_array().map(Vec::len), Some(2));
        check(&colleague(&app), &first, false).await.expect(200);
        let second = take_up(&client, &complaint, &action("Clean every month")).await;
        complete(&client, &second).await;
        check(&colleague(&app), &second, true).await.expect(200);
        step(&client, &complaint, "closure").await.expect(200);
    }

    async fn rules_set_at_the_same_time_follow_each_other(db: TestDb) {
        let (app, _client) = start(db).await;
        let manager = colleague(&app);
        let all: Vec<_> = (1..=4).map(|severity| json!({"root_cause_to_severity": severity})).collect();
        let answers = futures::future::join_all(all.iter().map(|rules| rule(&manager, "*", rules))).await;
        let mut versions: Vec<_> = answers.into_iter().map(|answer| answer.expect(200)["version"].as_i64()).collect();
        versions.sort_unstable();
        assert_eq!(versions, [Some(2), Some(3), Some(4), Some(5)]);
    }

    async fn the_rules_say_what_closing_demands(db: TestDb) {
        let (app, client) = start(db).await;
        step(&client, &resolved(&client, 1).await, "closure").await.expect(200);
        let manager = colleague(&app);
        let set = json!({"root_cause_to_severity": 4});
        assert_eq!(rule(&manager, "\"1\"", &set).await.etag(), "\"2\"");
        rule(&manager, "\"1\"", &json!({})).await.expect(412);
        let demand = step(&client, &resolved(&client, 4).await, "closure").await.expect(409);
        assert_eq!(demand["errors"][0]["code"], "root-cause-missing");
        rule(&manager, "*", &json!({})).await.expect(200);
        assert_eq!(client.get(RULES).await.expect(200)["version"], 3);
        step(&client, &resolved(&client, 1).await, "closure").await.expect(200);
    }
}
