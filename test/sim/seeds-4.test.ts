import { playRange } from "./play-range.ts";

playRange(151, 201);
