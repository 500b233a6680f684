//! What policies call their own tiers, whence first tiers are, and whose proposals wait.

use registry_contract::{Customer, TierHistory, TierOrigin, TierPolicy, TierProposal, TierProposalState, v1};
use serde_json::{Value, json};
use testkit::{App, Client, both};

use crate::events::republish;
use crate::merges::{merge, unmerge};
use crate::support::{CUSTOMERS, at, colleague, create, import, named, start};

const PROPOSALS: &str = "/api/v1/tier-proposals";
const POLICIES: &str = "/api/v1/tier-policies";

async fn history(client: &Client, customer: &Customer) -> TierHistory {
    client.get(&format!("{}/tier", at(customer))).await.read(200)
}

/// Platinum and Gold count as S, Iron as C.
async fn metals(client: &Client) {
    let tier = |code: &str, name: &str, rank: i32, counts_as: &str, leave: i32| {
        json!({
            "code": code, "name": name, "name_zh": name, "rank": rank, "key_customer": rank < 3, "counts_as": counts_as,
            "approvals_to_enter": 1, "approvals_to_leave": leave, "review_days": 90,
        })
    };
    let tiers =
        [tier("platinum", "Platinum", 1, "S", 2), tier("gold", "Gold", 2, "S", 1), tier("iron", "Iron", 3, "C", 1)];
    let policy = json!({ "code": "metals", "name": "Metals", "name_zh": "金属", "tiers": tiers });
    let policy: TierPolicy = client.post(POLICIES, &policy).await.read(201);
    client.post(&format!("{POLICIES}/{}/activation", policy.id), &json!({})).await.expect(200);
}

/// Proposed by the client, and approved by as many others as it takes.
async fn give(app: &App, client: &Client, customer: &Customer, tier: &str) -> TierProposal {
    let new = json!({ "customer_id": customer.id, "tier": tier, "reason": format!("is {tier}") });
    let mut proposal: TierProposal = client.post(PROPOSALS, &new).await.read(201);
    for name in ["wang", "chen"] {
        if proposal.state == TierProposalState::Open {
            let decisions = format!("{PROPOSALS}/{}/decisions", proposal.id);
            let answer = colleague(app, name).post(&decisions, &json!({ "verdict": "approve" })).await;
            proposal = answer.read(200);
        }
    }
    proposal
}

both! {
    async fn tiers_that_count_alike_are_told_apart(db: TestDb) {
        let (app, client) = start(db).await;
        metals(&client).await;
        let customer = named(&client, "Acme").await;
        let tap = app.bus.tap(&[v1::CUSTOMER_TIERED, v1::CUSTOMER_UPDATED]).await;
        give(&app, &client, &customer, "gold").await;
        let up = give(&app, &client, &customer, "platinum").await;
        assert_eq!((up.state, up.decisions.len()), (TierProposalState::InEffect, 1));
        let stays = give(&app, &client, &customer, "platinum").await;
        assert_eq!(stays.state, TierProposalState::InEffect);
        let down = give(&app, &client, &customer, "gold").await;
        assert_eq!(down.decisions.len(), 2, "who leaves platinum is asked, though gold counts alike");

        let now = history(&client, &customer).await;
        assert_eq!((now.tier.as_str(), now.policy_tier.as_deref()), ("S", Some("gold")));
        assert_eq!(now.policy_version.as_deref(), Some("metals-v1"));
        let periods: Vec<_> = now.periods.iter().map(|one| (one.tier.as_str(), one.policy_tier_name.as_deref())).collect();
        let expected = [("S", Some("Gold")), ("S", Some("Platinum")), ("S", Some("Gold")), ("C", None)];
        assert_eq!(periods, expected, "a review after which it stays begins no period");
        assert!(now.periods.windows(2).all(|pair| pair[1].until == Some(pair[0].from)));

        app.drain_outbox().await;
        let told = tap.events::<v1::CustomerTiered>().await;
        let seen: Vec<_> = told
            .iter()
            .map(|event| (event.0.sequence, event.0.from_policy_tier.as_deref(), event.0.policy_tier.as_str(), event.0.to.as_str()))
            .collect();
        let expected = [(2, None, "gold", "S"), (3, Some("gold"), "platinum", "S"), (4, Some("platinum"), "gold", "S")];
        assert_eq!(seen, expected);
        let versions: Vec<_> = tap.events::<v1::CustomerUpdated>().await.iter().map(|event| event.0.sequence).collect();
        assert_eq!(versions, [2, 3, 4]);
        assert_eq!(client.get(&at(&customer)).await.read::<Customer>(200).version, 4);
        let again = app.bus.tap(&[v1::CUSTOMER_TIERED]).await;
        republish(&app).await;
        assert_eq!(again.events::<v1::CustomerTiered>().await, told);
    }

    async fn which_of_those_that_count_alike_a_customer_began_with_is_not_known(db: TestDb) {
        let (app, client) = start(db).await;
        metals(&client).await;
        let customer = create(&client, json!({ "name": "Acme", "tier": "S" })).await;
        assert_eq!(history(&client, &customer).await.policy_tier, None);
        give(&app, &client, &customer, "gold").await;
        let now = history(&client, &customer).await;
        assert_eq!((now.policy_tier.as_deref(), now.periods.len()), (Some("gold"), 2));
    }

    async fn a_first_tier_says_whence_it_is(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(&[v1::CUSTOMER_CREATED, v1::CUSTOMER_TIERED]).await;
        let posted = create(&client, json!({ "name": "Posted", "tier": "S" })).await;
        let rows = json!({ "customers": [{ "name": "Bulk", "tier": "A" }] });
        client.post("/api/v1/customers/bulk", &rows).await.expect(200);
        import(&client, "&system=erp&name=vip.csv", "external_id,name,tier\n1,Filed,A\n2,Plain,\n").await;
        let told = client.put(&format!("{CUSTOMERS}/external/sap/1"), &json!({ "name": "Told", "tier": "B" })).await;
        let told: Customer = told.read(201);
        let clocked = json!({ "name": "Clocked", "tier": "B", "source_updated_at": "2026-03-01T00:00:00Z" });
        let clocked: Customer = client.put(&format!("{CUSTOMERS}/external/sap/2"), &clocked).await.read(201);

        let listed = client.get(&format!("{CUSTOMERS}?sort=code")).await.expect(200);
        let all: Vec<Customer> = serde_json::from_value(listed["items"].clone()).expect("customers");
        assert_eq!((all[0].id, all[4].id), (posted.id, told.id));
        let mut seen = vec![];
        for customer in all {
            let first = history(&client, &customer).await.periods.pop().expect("a period");
            seen.push((customer.name, first.tier.to_string(), first.source, first.reason));
        }
        let whence = |name: &str, tier: &str, source, reason: Option<&str>| {
            (name.to_owned(), tier.to_owned(), source, reason.map(str::to_owned))
        };
        assert_eq!(
            seen,
            [
                whence("Posted", "S", TierOrigin::Created, None),
                whence("Bulk", "A", TierOrigin::Created, None),
                whence("Filed", "A", TierOrigin::Import, Some("told by the file vip.csv")),
                whence("Plain", "C", TierOrigin::Created, None),
                whence("Told", "B", TierOrigin::Record, Some("told by a record of sap")),
                whence("Clocked", "C", TierOrigin::Created, None),
            ]
        );
        assert_eq!(clocked.tier.as_str(), "C");
        app.drain_outbox().await;
        let created = tap.events::<v1::CustomerCreated>().await;
        let mut tiers: Vec<_> = created.iter().map(|event| event.0.tier.as_str()).collect();
        tiers.sort_unstable();
        assert_eq!(tiers, ["A", "A", "B", "C", "C", "S"]);
        assert_eq!(tap.events::<v1::CustomerTiered>().await, [], "nothing more is told than that they were created");

        // It stays what it was when people decide on another.
        let proposed = give(&app, &client, &posted, "A").await;
        assert_eq!(proposed.state, TierProposalState::InEffect);
        let periods = history(&client, &posted).await.periods;
        let sources: Vec<_> = periods.iter().map(|one| (one.tier.as_str(), one.source)).collect();
        assert_eq!(sources, [("A", TierOrigin::Manual), ("S", TierOrigin::Created)]);
    }

    async fn a_merged_customers_proposal_waits_unseen(db: TestDb) {
        let (app, client) = start(db).await;
        let merger = app.client(&["customers:read", "customers:write", "customers:merge"]);
        let (keeps, goes) = (named(&client, "Acme").await, named(&client, "Acme Inc.").await);
        let new = json!({ "customer_id": goes.id, "tier": "B", "reason": "grows" });
        let proposal: TierProposal = client.post(PROPOSALS, &new).await.read(201);
        let decisions = format!("{PROPOSALS}/{}/decisions", proposal.id);
        let open = async || {
            let page: Value = client.get(&format!("{PROPOSALS}?state=open&count=exact")).await.expect(200);
            assert_eq!(page["items"].as_array().map(Vec::len), page["count"].as_u64().map(|count| count as usize));
            page["count"].as_u64()
        };
        assert_eq!(open().await, Some(1));
        merge(&merger, &keeps, "*", json!({ "merged_id": goes.id })).await.expect(201);
        assert_eq!(open().await, Some(0));
        let yes = json!({ "verdict": "approve" });
        assert_eq!(colleague(&app, "wang").post(&decisions, &yes).await.problem(), (409, "already-merged"));
        let withdrawal = format!("{PROPOSALS}/{}/withdrawal", proposal.id);
        assert_eq!(client.post(&withdrawal, &json!({})).await.problem(), (409, "already-merged"));
        assert_eq!(client.get(&format!("{PROPOSALS}/{}", proposal.id)).await.read::<TierProposal>(200).state, proposal.state);

        unmerge(&merger, &goes).await.expect(200);
        assert_eq!(open().await, Some(1));
        let done: TierProposal = colleague(&app, "wang").post(&decisions, &yes).await.read(200);
        assert_eq!(done.state, TierProposalState::InEffect);
        merge(&merger, &keeps, "*", json!({ "merged_id": goes.id })).await.expect(201);
        let page = client.get(&format!("{PROPOSALS}?state=in_effect")).await.expect(200);
        assert_eq!(page["items"].as_array().map(Vec::len), Some(1), "what is done is shown on");
    }
}
