"""Forks the scenes of a log (without an argument: a generated scene) into 8,192 plans each, scores
them and says which plan is best."""

import sys

import forkroad

scenes = forkroad.load_scenes(sys.argv[1]) if len(sys.argv) > 1 else [forkroad.generated_scene()]
batch = forkroad.SceneBatch(scenes)
sim = forkroad.Simulator(batch)
plans = forkroad.vocabulary(batch, 8192)
agents = forkroad.make_agent_model("log")
table = sim.score(plans, agents, forkroad.ScoreCard.drive())

for world, scene in enumerate(batch):
    best = table.best_plan(world)
    print(
        f"{scene.id}: best plan {best} scores {table.totals[world, best]:.3f}, "
        f"the log {table.log_values[world, -1]:.3f}"
    )
