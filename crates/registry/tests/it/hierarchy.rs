use registry_contract::Customer;
use serde_json::json;
use testkit::both;

use crate::support::{CUSTOMERS, at, create, faults, named, start};

both! {
    async fn a_customer_belongs_to_a_parent_and_never_to_itself(db: TestDb) {
        let (_app, client) = start(db).await;
        let group = named(&client, "Group").await;
        let company = create(&client, json!({ "name": "Company", "parent_id": group.id })).await;
        let site = create(&client, json!({ "name": "Site", "parent_id": company.id })).await;
        assert_eq!(site.parent_id, Some(company.id));

        for (child, parent) in [(&group, &group), (&group, &company), (&group, &site), (&company, &site)] {
            let refused = client.patch(&at(child), "*", &json!({ "parent_id": parent.id })).await.expect(422);
            assert_eq!(faults(&refused), [("/parent_id", "hierarchy-cycle")], "{} under {}", child.name, parent.name);
        }
        let moved: Customer = client.patch(&at(&site), "*", &json!({ "parent_id": group.id })).await.read(200);
        assert_eq!(moved.parent_id, Some(group.id));
        let freed: Customer = client.patch(&at(&company), "*", &json!({ "parent_id": null })).await.read(200);
        assert_eq!(freed.parent_id, None);

        let members = client.get(&format!("{CUSTOMERS}?parent_id={}", group.id)).await.expect(200);
        assert_eq!(members["items"].as_array().map(Vec::len), Some(1));
    }

    async fn two_moves_at_once_never_close_a_circle(db: TestDb) {
        let (_app, client) = start(db).await;
        for round in 0..5 {
            let one = named(&client, &format!("One {round}")).await;
            let other = named(&client, &format!("Other {round}")).await;
            let (path_one, path_other) = (at(&one), at(&other));
            let (under_other, under_one) = (json!({ "parent_id": other.id }), json!({ "parent_id": one.id }));
            let (first, second) =
                futures::join!(client.patch(&path_one, "*", &under_other), client.patch(&path_other, "*", &under_one));
            let mut statuses = [first.status, second.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 422]);
        }
    }
}
