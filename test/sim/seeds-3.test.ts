import { playRange } from "./play-range.ts";

playRange(101, 151);
