// The gateway of the measurement: the fixture with 20,000 trades, and a block five times a second.
import { startGateway } from '../../src/gateway/index.ts';
import { MovingFixture } from '../movingFixture.ts';

const served = await MovingFixture.open();
const table = `${served.namespace}."trade"`;
await served.database.query(
  `insert into ${table} select '0x' || lpad(to_hex(n), 8, '0'), '0x0a', 'eth', 'LONG', n, n, 0, n, 'memo ' || n, '0x', false, 12
   from generate_series(1000, 21000) n`,
);
await served.database.query(`create index on ${table} (id)`);
await served.database.query(`analyze`);
const gateway = await startGateway({
  served: () => served,
  port: 0,
  limits: { request: 3_000, drain: 3_000, heartbeat: 3_000 },
});
process.send?.(gateway.port);
for (let price = 3000; ; price++) {
  await served.reprice(`${price}`);
  await new Promise((resolve) => setTimeout(resolve, 200));
}
