import { playRange } from "./play-range.ts";

playRange(1, 51);
